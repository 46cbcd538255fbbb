"""What networks are built of: blocks, attention, finite scalar quantisation; and on how many threads they run."""
