"""Many futures of one moment: how likely something is, when, what it hangs on, and which futures to look at."""
