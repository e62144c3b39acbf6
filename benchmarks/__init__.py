"""Measurements, as ratios in one run on the same work. Nothing here is asserted by a test: machines differ."""
