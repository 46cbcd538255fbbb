"""Sentences become edits: read (grammar), ground (who is meant), plan (what to change)."""
