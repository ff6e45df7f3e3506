"""A population run: a table of any size scored part by part, here or by the workers, and gone on with after a stop."""
