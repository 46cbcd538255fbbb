"""Our model that plans beside others' of its size: same data, same processor time, same goals, same planner."""
