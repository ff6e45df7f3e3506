"""The transfer syntaxes whose pixels can be decoded, and by which library."""

from pydicom.dataset import Dataset
from pydicom.uid import UID

from cdss.serving.pacs.reasons import refuse

# PS3.6 table A-1. pydicom asks the named library; python-gdcm is the only free one for lossless JPEG.
DECODABLE = {
    "1.2.840.10008.1.2": "pydicom",  # implicit little endian
    "1.2.840.10008.1.2.1": "pydicom",  # explicit little endian
    "1.2.840.10008.1.2.1.99": "pydicom",  # deflated
    "1.2.840.10008.1.2.2": "pydicom",  # explicit big endian
    "1.2.840.10008.1.2.5": "pylibjpeg-rle",  # RLE
    "1.2.840.10008.1.2.4.50": "pillow",  # JPEG baseline, 8 bit
    "1.2.840.10008.1.2.4.51": "python-gdcm",  # JPEG extended: its 8 bit form only
    "1.2.840.10008.1.2.4.57": "python-gdcm",  # JPEG lossless, process 14
    "1.2.840.10008.1.2.4.70": "python-gdcm",  # JPEG lossless, first-order prediction
    "1.2.840.10008.1.2.4.80": "pyjpegls",  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.81": "pyjpegls",  # JPEG-LS near-lossless
    "1.2.840.10008.1.2.4.90": "pylibjpeg-openjpeg",  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.91": "pylibjpeg-openjpeg",  # JPEG 2000
    "1.2.840.10008.1.2.4.201": "pylibjpeg-openjpeg",  # high-throughput JPEG 2000 lossless
    "1.2.840.10008.1.2.4.202": "pylibjpeg-openjpeg",  # the same with RPCL
    "1.2.840.10008.1.2.4.203": "pylibjpeg-openjpeg",  # high-throughput JPEG 2000
}
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


def check(dataset: Dataset) -> None:
    """Unreadable(syntax_not_decodable) if no library here decodes the data set's pixels."""
    refuse_undecodable(_syntax(dataset), int(dataset.get("BitsStored") or 8))


def refuse_undecodable(syntax: str, bits_stored: int) -> None:
    """Raise for a syntax that is not in the table, or for JPEG extended above 8 bit."""
    if syntax not in DECODABLE:
        raise refuse("syntax_not_decodable", syntax=f"{UID(syntax).name} ({syntax})")
    if syntax == JPEG_EXTENDED and bits_stored > 8:
        raise refuse("syntax_not_decodable", syntax=f"JPEG Extended {bits_stored} bit ({syntax})")


def _syntax(dataset: Dataset) -> str:
    meta = getattr(dataset, "file_meta", None)
    return str(meta.get("TransferSyntaxUID", "")) if meta else "1.2.840.10008.1.2.1"
