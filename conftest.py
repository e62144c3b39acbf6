"""No test reads or fills what the user's own programs are kept in; those of the cache say where theirs is."""

import os

os.environ["POLICYRULES_CACHE"] = "off"
