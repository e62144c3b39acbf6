"""The command line ``policyrules``: thin commands over the public face of the package.

`entry` lists the commands and runs a command line, `arguments` reads what they take; every other module holds commands. What a command prints for people it also gives as JSON.
"""

from policyrules.cli.entry import run

__all__ = ["run"]
