"""What a model learns from: windows of pictures, with what was done between them."""
