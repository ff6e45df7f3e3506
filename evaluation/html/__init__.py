"""A report as one page that needs nothing else: for a colleague who judges the model, on a screen, a phone or paper."""
