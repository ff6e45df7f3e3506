"""How a rule is asked: facts are found, conditions judged in three-valued logic, alerts merged."""
