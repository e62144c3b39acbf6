"""Measurements, as ratios in one run on the same work. No time is asserted by a test: machines differ. What every rival
gives is: it must be what the definition gives."""
