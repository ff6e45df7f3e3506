"""Alerts about residents that leave the house: tasks for doctors, texts for residents, a webhook, FHIR."""
