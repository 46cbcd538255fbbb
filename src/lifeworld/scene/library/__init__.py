"""The kinds we make ourselves, procedurally, at true sizes: one family a file."""
