"""The command line ``policyrules``: thin commands (`commands`), what they share, and its own words in Chinese.

Importing this package imports Typer; `policyrules.__main__` looks first whether it is there.
"""

from policyrules.cli.commands import app, run

__all__ = ["app", "run"]
