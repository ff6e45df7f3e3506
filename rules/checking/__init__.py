"""What a rule, and a folder of rules, must pass before it is used."""
