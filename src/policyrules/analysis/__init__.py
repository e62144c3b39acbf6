"""Analyses of programs and results: comparison of two stacks, clause coverage."""
