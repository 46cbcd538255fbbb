"""Which models there are: kinds, sizes and stages of learning, cards and checkpoints, and those that come along."""
