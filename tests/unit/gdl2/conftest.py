"""Where the public guidelines are."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def data() -> Path:
    """$CDSS_DATA; the test is skipped, and says so, where it is not set."""
    if not os.environ.get("CDSS_DATA"):
        pytest.skip("needs the public data sets: set CDSS_DATA")
    return Path(os.environ["CDSS_DATA"])
