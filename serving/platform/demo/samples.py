"""What the demo sends: synthetic orders, a real X-ray from a public package, a phantom CT, synthetic residents."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cdss.serving.platform.demo.chest_ct import PhantomNodule, make_chest_ct
from cdss.serving.web.examples import TITLES, body

XRAY = Path("data_store") / "data" / "RG3_UNCR.dcm"  # a CR of an extremity, NEMA WG04, in pydicom-data (MIT)
CT_SLICES, CT_SEED = 120, 7


class SampleMissing(RuntimeError):
    """A sample the demo needs is not installed."""


def orders() -> dict[str, dict[str, Any]]:
    """Order requests by name, simple ones and a CDS Hooks call with FHIR; synthetic patients, Chinese drug names."""
    return {name: json.loads(body(name)) for name in TITLES}


def xray() -> Path:
    """A real X-ray. SampleMissing says how to install the package that holds it."""
    spec = find_spec("data_store")
    for place in spec.submodule_search_locations or () if spec else ():
        if (found := Path(place).parent / XRAY).is_file():
            return found
    raise SampleMissing("found no sample X-ray; run: pip install 'wangdi-cdss[demo]'")


def chest_ct(folder: Path) -> list[PhantomNodule]:
    """A phantom chest CT written to `folder`, and where its nodules are."""
    return make_chest_ct(folder, slices=CT_SLICES, seed=CT_SEED)
