"""CDS Hooks: requests as facts, reviews as cards."""
