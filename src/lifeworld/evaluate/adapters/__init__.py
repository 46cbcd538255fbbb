"""Anyone's model before the same questions: what it answers is checked, whoever made it and wherever it runs."""
