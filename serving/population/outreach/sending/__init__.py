"""What takes letters out of the house, each at its time: the webhook, the site's sender of texts."""
