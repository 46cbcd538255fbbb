"""How the values of a stream lie in a file: video, dense arrays, tables, sound."""
