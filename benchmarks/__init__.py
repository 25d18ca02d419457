"""What lucidreel promises, measured: run as `python -m lucidreel.benchmarks.NAME` from a checkout."""
