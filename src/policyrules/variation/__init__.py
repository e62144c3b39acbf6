"""What a variation changes: for whom, because of which provision, and how much."""
