"""Which series of a study may be read, in which order its slices lie, and why another was refused."""
