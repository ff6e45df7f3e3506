"""Reminders and risks as FHIR R4 resources."""
