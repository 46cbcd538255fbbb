"""Pictures as few numbers: the tokenizer, how it learns, and footage that went through it once."""
