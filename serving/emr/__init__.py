"""The neighbour that orders: CDS Hooks, FHIR and plain JSON in, alerts out."""
