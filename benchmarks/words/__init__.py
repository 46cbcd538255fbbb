"""Sentences of other people, and how many of them are understood: each set has a half that nobody develops on."""
