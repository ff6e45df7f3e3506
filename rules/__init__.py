"""The knowledge and the engine that reads it. Pure: no I/O after loading, no HTTP, no database."""

from pathlib import Path

KNOWLEDGE = Path(__file__).parent / "knowledge"  # the pack that the program comes with
