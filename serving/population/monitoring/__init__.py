"""What the models see and say here, counted: against their training, this site's beginning, and outcomes."""
