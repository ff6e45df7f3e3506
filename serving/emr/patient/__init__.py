"""What follows from what was told of a patient."""
