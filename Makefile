# Two commands do everything: `make demo` and `make test`. Both create and use .venv, with the versions that
# requirements-dev.txt names.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := python -m pip --quiet --disable-pip-version-check
# Tests start some hundred commands anew, which read the bytecode of the first, whatever the shell has set.
export PYTHONDONTWRITEBYTECODE :=
# Each processor takes one file of tests after the other, so that what the tests of a file share is made once; in the order of
# the files, of which the last are small, so that no processor waits long for another.
PYTEST := python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test check style types unit page spark bench tables schema lock newest oldest clean

# The build backend is in the lock as well, so that nothing here comes in a version nobody chose.
define install
	$(PYTHON) -m venv --clear $(1)
	$(1)/bin/$(PIP) install --requirement requirements-dev.txt
	$(1)/bin/$(PIP) install --no-build-isolation --no-deps --editable .
endef

$(STAMP): pyproject.toml requirements-dev.txt
	$(call install,$(VENV))
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/python examples/demo.py

test: check

# Types are checked beside the tests: each alone would leave a processor idle for a minute.
check: style
	$(MAKE) --jobs=2 types unit

style: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/$(PYTEST)

# The page of an impact, also in Debian's browser (apt install chromium fonts-noto-cjk poppler-utils); without it, these are skipped
# and say so.
page: $(STAMP)
	$(BIN)/python -m pytest -q -n0 -rs tests/impact/test_page.py tests/impact/test_page_in_browser.py

# The tests of a cluster, on this machine. PySpark is half a gigabyte, so it has an environment of its own beside JDK 17.
SPARK := .venv-spark
$(SPARK)/.installed: pyproject.toml requirements-spark.txt
	$(PYTHON) -m venv --clear $(SPARK)
	$(SPARK)/bin/$(PIP) install --requirement requirements-spark.txt
	$(SPARK)/bin/$(PIP) install --no-build-isolation --no-deps --editable .
	touch $@

spark: $(SPARK)/.installed
	$(SPARK)/bin/python -m pytest -q -n0 tests/columns/test_spark.py

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# The parse tables that the package carries, after a change of the grammar.
tables: $(STAMP)
	$(BIN)/python -m policyrules.language.tables

# The schema of an impact's JSON, after a change of `variation/model.py`.
schema: $(STAMP)
	$(BIN)/python -m tests.docs.schema --write

# The newest versions of everything that pyproject.toml allows, written down for all platforms and Pythons.
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/$(PIP) install --upgrade uv
	.venv-lock/bin/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' --output-file requirements-dev.txt
	.venv-lock/bin/uv pip compile --quiet pyproject.toml --extra spark --extra dev --universal --python-version 3.11 \
		--upgrade --constraint requirements-dev.txt --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' --output-file requirements-spark.txt

# The tests again with the newest, or the oldest, lark, pydantic and PyYAML that users may have.
newest: RESOLUTION := highest
oldest: RESOLUTION := lowest-direct
newest oldest:
	$(call install,.venv-$@)
	.venv-$@/bin/$(PIP) install uv
	.venv-$@/bin/uv pip install --python .venv-$@ --upgrade --resolution $(RESOLUTION) --requirement pyproject.toml
	.venv-$@/bin/$(PYTEST)

clean:
	rm -rf $(VENV) $(SPARK) .venv-lock .venv-newest .venv-oldest build dist
