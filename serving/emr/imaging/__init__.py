"""`imaging-order`: an imaging order is rated and checked."""
