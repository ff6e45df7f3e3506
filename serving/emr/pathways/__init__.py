"""`pathway-gaps`: a chart is opened; what is due, missing or unsuited."""
