"""Recordings of others, one file a neighbour, as episodes."""
