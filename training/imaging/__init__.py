"""What the two imaging models share in training: the loop, the export, and their nets."""
