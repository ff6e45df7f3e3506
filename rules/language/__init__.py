"""How a rule is written: YAML and tables of rows become typed rules."""
