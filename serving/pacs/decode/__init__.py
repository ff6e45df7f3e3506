"""From encoded bytes to headers and pixels, with limits in front and a sandbox around the decoders."""
