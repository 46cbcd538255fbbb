"""The one training loop over any objective: plans, optimiser, many processes, logs, and going on to the bit."""
