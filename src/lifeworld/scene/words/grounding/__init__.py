"""Who is meant: phrases against the things of a scene."""
