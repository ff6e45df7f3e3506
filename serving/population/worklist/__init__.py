"""Residents as last assessed, in the database, most urgent first."""
