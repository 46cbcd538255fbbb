"""The kind `jepa`: it foresees embeddings, not pictures, and is planned with; pictures are drawn of them only to look at."""
