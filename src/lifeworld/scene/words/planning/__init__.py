"""Clauses become edits over a drafted scene."""
