"""What can be sensed of a physical state: one family of signals a file."""
