"""Every number we claim, measured again: `make bench`, or `python -m benchmarks NAME …`."""
