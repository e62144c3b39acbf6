"""Scripts that keep committed pages and tables in step with the rules; run as ``python -m tools.NAME``."""
