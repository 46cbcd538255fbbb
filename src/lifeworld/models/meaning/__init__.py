"""What inferred actions mean: in words, in true actions, and what can be read of those in them."""
