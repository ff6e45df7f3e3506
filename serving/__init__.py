"""The only place that knows HTTP, FHIR, CDS Hooks, DICOM, SQL and audit: one folder for each neighbour."""
