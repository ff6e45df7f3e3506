"""What comes in: files given by hand, or bytes from the network, durable before they are acknowledged."""
