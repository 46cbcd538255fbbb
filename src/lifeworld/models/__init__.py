"""What was learned, and how: from recordings to models that can be dreamed in.

    data      layers     recordings as windows; what networks are built of
       ╲     ╱
    training             the one loop, over any objective; `dreamer` says what all kinds can do
    actions   tokens     what was done, inferred from pictures; pictures as few numbers
       ╲     ╱
    dynamics ─ jepa      the kinds that foresee, and the objectives they learn by
    zoo                  which kinds there are, how large, in what stages; cards and checkpoints
    play                 a dream as a world, on PyTorch or on exported graphs
    meaning              what inferred actions do, and true ones in their place

Each imports from those above it only. `guest` stands alone: it runs in other projects' environments.
"""
