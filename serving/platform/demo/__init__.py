"""Sample input that the demo makes itself: no patient, no download."""
