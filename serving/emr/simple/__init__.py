"""The simple order: plain JSON in, alerts as JSON out."""
