"""One record at a time: Python written from a circuit, once for a program."""
