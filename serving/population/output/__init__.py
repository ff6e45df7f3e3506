"""Assessments as rows of the output table and as JSON, in the words of a doctor."""
