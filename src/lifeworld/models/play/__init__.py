"""A learned model as a world: players, dreams, what somebody types to steer them, and graphs for elsewhere."""
