"""Films with boxes: what a detector said of them, as numbers, groups, curves, strains and worst mistakes."""
