"""Benchmarks of skmlp; run them with ``python -m benchmarks``."""
