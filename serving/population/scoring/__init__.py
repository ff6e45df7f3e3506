"""From residents to assessments: models first, then the rules with the models' answers as facts."""
