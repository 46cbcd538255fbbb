"""Others' cameras beside ours, each from its own virtual environment, in one run: `make bench-peers`."""
