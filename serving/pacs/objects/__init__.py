"""What goes back to the PACS: a structured report and captures with burned-in boxes."""
