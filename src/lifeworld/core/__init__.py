"""Floor 0: the words everything else is said in. NumPy and msgspec only; import the modules, nothing is re-exported."""
