"""Records: from what people typed to instances of the program, and results back to files."""
