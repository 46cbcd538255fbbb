"""Others' loaders of episodes beside ours, each from its own virtual environment, in one run: `python -m benchmarks.peers loaders`."""
