"""The handlers of the hook services that are more than an order check."""

from cdss.serving.emr.hooks import verify
from cdss.serving.emr.imaging import service as imaging
from cdss.serving.emr.pathways import gaps
from cdss.serving.emr.routes import HookService

HANDLERS: dict[str, HookService] = {
    "pathway-gaps": gaps.answer,
    "imaging-order": imaging.answer,
    "medication-verify": verify.answer,
}
