"""lifeworld: worlds made from words, stepped into, and learned."""
