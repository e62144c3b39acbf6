"""Scenario tests that policy staff write, their runner and coverage, and policies built from text for tests."""
