"""The kinds that foresee pictures by what is done, and what they learn by."""
