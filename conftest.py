"""What all tests share: a memory that is looked through as seldom as on the command line, and no programs of the user's own.

No test reads or fills what the user's own programs are kept in; those of the cache say where theirs is.
"""

import gc
import os

import pytest

os.environ["POLICYRULES_CACHE"] = "off"
# As in `policyrules.__main__`: policies and trees of tests are many small objects that stay, and looking for garbage among them
# takes a sixth of the time.
gc.set_threshold(100_000, 50, 50)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Modules and tests stay to the end, and need not be looked through."""
    gc.freeze()
