"""The kinds of events, one family a file; each registers itself."""
