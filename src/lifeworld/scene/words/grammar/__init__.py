"""Tags become clauses by a grammar; their readings, best first."""
