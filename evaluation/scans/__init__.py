"""Chest CTs: whole ones with their nodules, crops made worse, and the worst mistakes of either."""
