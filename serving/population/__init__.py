"""The neighbour with a list of residents: a table in, risk, tier, reasons and the next action out."""
