"""Part of policyrules; see docs/architecture.md."""
