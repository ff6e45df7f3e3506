"""Nodules that readers rated: what a model sees of them, and what their outlines alone would say."""
