"""The site layer: a model moved to this site by a few hundred of its own outcomes, signed, shown, and taken back."""
