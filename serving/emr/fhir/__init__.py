"""FHIR R4 resources as facts: patient, conditions, allergies, medicines, results."""
