"""pytest plugin: collects scenario files beside the policies, one test item a 情形.

Why this exists: developers who change the engine and staff who change the rules run the same scenarios.

A file counts where `scenarios.is_scenario_file` says so and a folder above it holds a ``layer.yaml``, or where it is
called ``*.scenario.yaml``. Nothing of policyrules but this module is imported until such a file is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from policyrules.testing.runner import Policies
    from policyrules.testing.scenarios import Scenario


def _policies(config: pytest.Config) -> Policies:
    """One set of loaded policies for the whole session."""
    from policyrules.testing.runner import Policies

    found: Policies = config.stash.setdefault(_POLICIES, Policies())
    return found


_POLICIES: pytest.StashKey[Policies] = pytest.StashKey()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect scenario files."""
    if file_path.suffix not in (".yaml", ".yml"):
        return None
    from policyrules.testing.scenarios import is_scenario_file

    if not is_scenario_file(file_path):
        return None
    named = file_path.stem.endswith((".scenario", ".情形"))
    if not named and not any((folder / "layer.yaml").is_file() for folder in file_path.parents):
        return None
    collected: pytest.Collector = ScenarioCollector.from_parent(parent, path=file_path)
    return collected


class ScenarioFailure(Exception):
    """A scenario that did not come out as expected; the report shows its text instead of a traceback."""


class ScenarioCollector(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterator[pytest.Item]:
        from policyrules.testing.runner import shown_path
        from policyrules.testing.scenarios import read_file

        file, diagnostics = read_file(self.path, shown_path(self.path))
        errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
        if errors:
            yield ScenarioItem.from_parent(self, name="文件", fault="\n\n".join(str(error) for error in errors))
        for scenario in file.scenarios if file is not None else ():
            yield ScenarioItem.from_parent(self, name=scenario.name, scenario=scenario)


class ScenarioItem(pytest.Item):
    """One 情形; or, where there is none, what is wrong with a file (``fault``), so that it fails the run."""

    def __init__(self, *, scenario: Scenario | None = None, fault: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scenario = scenario
        self.fault = fault

    def runtest(self) -> None:
        if self.scenario is None:
            raise ScenarioFailure(self.fault)
        from policyrules.testing.runner import run_scenario

        result = run_scenario(self.scenario, _policies(self.config))
        if result.status != "passed":
            from policyrules.report.layout import plain
            from policyrules.testing.text import result_lines

            raise ScenarioFailure(plain(result_lines(result)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, ScenarioFailure) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0 if self.scenario is None else self.scenario.span.line - 1, self.name
