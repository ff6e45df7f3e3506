"""From predictions to the numbers in the card: metrics, calibration, subgroups, reports. Knows no framework."""
