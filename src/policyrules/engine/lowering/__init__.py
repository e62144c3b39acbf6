"""A program as a circuit of plain two-valued operations, for engines that are faster than the definition."""
