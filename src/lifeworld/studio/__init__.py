"""The studio: enter a world with a browser, change it with a sentence, fork the moment, compare, keep it."""
