"""The knowledge and the engine that reads it. Pure: no I/O after loading, no HTTP, no database."""
