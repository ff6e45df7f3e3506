"""The neighbour that sends images: DICOM in, a durable pre-read, result objects out."""
