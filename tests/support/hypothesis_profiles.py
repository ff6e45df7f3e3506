"""How many examples property tests try: 200 in `make test`, 5,000 with HYPOTHESIS_PROFILE=nightly."""

import os

from hypothesis import HealthCheck, settings

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}


def load() -> None:
    """Register the profiles and choose one; without a choice CI's, the same examples every time."""
    settings.register_profile("ci", max_examples=200, derandomize=True, **QUIET)  # type: ignore[arg-type]
    settings.register_profile("nightly", max_examples=5000, **QUIET)  # type: ignore[arg-type]
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
