"""The life of a study: received, complete, running, reported, sent; every step survives a killed process."""
