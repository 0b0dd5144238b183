"""Benchmarks a stranger can run: `python -m benchmarks NAME [--quick]`."""
