"""The structured report: Comprehensive 3D SR (PS3.3 A.35.13) by TID 1500 (PS3.16), preliminary and unverified."""

import math
from collections.abc import Iterator

import numpy as np
from highdicom import sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from cdss.models.finding import Attenuation
from cdss.serving.pacs.objects.evidence import headers, side, stamp, uid, unquoted
from cdss.serving.pacs.objects.request import MANUFACTURER, NOTICE, Request
from cdss.serving.pacs.result import Finding
from cdss.serving.pacs.series import anatomy
from cdss.serving.pacs.size import ATTENUATION

NODULE = Code("427359005", "SCT", "Solitary nodule of lung")
FRACTURE = Code("125605004", "SCT", "Fracture of bone")
LUNG = Code("39607008", "SCT", "Lung structure")
BONE = Code("272673000", "SCT", "Bone structure")
CT_CHEST = Code("169069000", "SCT", "Computed tomography of thorax")
RADIOGRAPHY = Code("363680008", "SCT", "Radiographic imaging procedure")
CERTAINTY = Code("111012", "DCM", "Certainty of Finding")
DIAMETER = Code("81827009", "SCT", "Diameter")
LONG_AXIS = Code("103339001", "SCT", "Long axis")
SHORT_AXIS = Code("103340004", "SCT", "Short axis")
VOLUME = Code("118565006", "SCT", "Volume")
MEAN = Code("373098007", "SCT", "Mean")  # of both axes (CID 3627)
ESTIMATED = Code("414135002", "SCT", "Estimated")  # by the network (CID 3627)
RATED = Code("MALRATED", "99CDSS", "Malignancy as readers would rate it, not pathology")
PERCENT = Code("%", "UCUM", "percent")
MILLIMETRE = Code("mm", "UCUM", "millimeter")
CUBIC_MILLIMETRE = Code("mm3", "UCUM", "cubic millimeter")
SUCCEEDED = {  # (all images could be read, something was marked): CID 6047
    (True, True): codes.DCM.AllAlgorithmsSucceededWithFindings,
    (True, False): codes.DCM.AllAlgorithmsSucceededWithoutFindings,
    (False, True): codes.DCM.NotAllAlgorithmsSucceededWithFindings,
    (False, False): codes.DCM.NotAllAlgorithmsSucceededWithoutFindings,
}
CORNERS = 24  # of the polygon that draws a nodule's circle
SERIES_NUMBER = 9901


@unquoted()
def report(request: Request) -> Dataset:
    """The report of a study that was read. Deterministic: the same request gives the same bytes."""
    images = {str(image.SOPInstanceUID): image for image in headers(file.path for file in request.files)}
    dataset = sr.Comprehensive3DSR(
        evidence=list(images.values()),
        content=_content(request, images),
        series_instance_uid=uid(request.key, "sr", "series"),
        series_number=SERIES_NUMBER,
        sop_instance_uid=uid(request.key, "sr"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description=f"AI pre-read: {NOTICE}"[:64],
        specific_character_set="ISO_IR 192",
    )
    stamp(dataset, request, next(iter(images.values())), "InstanceCreation", "Content")
    return dataset


def _content(request: Request, images: dict[str, Dataset]) -> sr.MeasurementReport:
    assert request.told.model
    model = request.told.model
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=uid(model.name, model.version, model.digest),
        name=f"{MANUFACTURER} {model.name} {model.version}",
        manufacturer_name=MANUFACTURER,
        model_name=f"{model.name} {model.version}",
    )
    observer = sr.ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=device)
    scan = next(iter(images.values())).Modality == "CT"
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=CT_CHEST if scan else RADIOGRAPHY,
        imaging_measurements=[
            _summary(request, images),
            *(_group(request, finding, number, images) for number, finding in enumerate(request.told.findings, 1)),
        ],
        title=codes.DCM.ImagingMeasurementReport,
    )
    remarks = [_remark(text) for why in request.told.quality for text in (why.zh, why.en)]
    content[0].ContentSequence.extend(remarks)
    return content


def _remark(text: str) -> sr.TextContentItem:
    """What the reader of the report has to know, in words (TID 1500 may be extended)."""
    return sr.TextContentItem(codes.DCM.Comment, text, sr.RelationshipTypeValues.CONTAINS)


def _summary(request: Request, images: dict[str, Dataset]) -> sr.MeasurementsAndQualitativeEvaluations:
    """Whether anything was marked at all (CID 6047), and for films the probability of each; there always is one."""
    whole = not any(why.kind == "defect" for why in request.told.quality)
    found = SUCCEEDED[whole, bool(request.told.findings)]
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid(request.key, "summary"), "summary"),
        algorithm_id=_algorithm(request),
        measurements=[
            sr.Measurement(
                name=CERTAINTY,
                value=round(told.probability * 100, 1),
                unit=PERCENT,
                referenced_images=[_source(images[told.sop_instance_uid])],
            )
            for told in request.told.images
        ],
        qualitative_evaluations=[sr.QualitativeEvaluation(codes.DCM.CADProcessingAndFindingsSummary, found)],
    )


def _source(image: Dataset) -> sr.SourceImageForMeasurement:
    return sr.SourceImageForMeasurement(image.SOPClassUID, image.SOPInstanceUID)


def _algorithm(request: Request) -> sr.AlgorithmIdentification:
    assert request.told.model
    model = request.told.model
    return sr.AlgorithmIdentification(name=model.name, version=model.version, parameters=[model.digest])


def _group(
    request: Request, finding: Finding, number: int, images: dict[str, Dataset]
) -> sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    image = images[finding.sop_instance_uid]
    certainty = sr.Measurement(name=CERTAINTY, value=round(finding.score * 100, 1), unit=PERCENT)
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid(request.key, "finding", str(number)), f"{finding.kind} {number}"),
        referenced_region=_region(finding, image),
        finding_type=NODULE if finding.kind == "lung_nodule" else FRACTURE,
        algorithm_id=_algorithm(request),
        finding_sites=[_site(finding, image)],
        measurements=[certainty, *_sizes(finding), *_rating(finding)],
    )
    if finding.attenuation:
        group[0].ContentSequence.extend(_remark(text) for text in _attenuation(finding.attenuation))
    return group


def _rating(finding: Finding) -> Iterator[sr.Measurement]:
    """How readers would rate it, by a model of its own; what it means stands in the remarks of the report.

    The code is ours: "Probability of cancer" (111047, DCM) would claim too much.
    """
    if said := finding.malignancy:
        model = said.model
        by = sr.AlgorithmIdentification(name=model.name, version=model.version, parameters=[model.digest])
        yield sr.Measurement(name=RATED, value=round(said.probability * 100, 1), unit=PERCENT, algorithm_id=by)


def _sizes(finding: Finding) -> Iterator[sr.Measurement]:
    """Diameter, axes and volume (CID 7470, CID 7472); how the diameter came about is its derivation."""
    if finding.diameter_mm:
        how = MEAN if finding.measured else ESTIMATED
        yield sr.Measurement(name=DIAMETER, value=finding.diameter_mm, unit=MILLIMETRE, derivation=how)
    for name, value, unit in (
        (LONG_AXIS, finding.long_mm, MILLIMETRE),
        (SHORT_AXIS, finding.short_mm, MILLIMETRE),
        (VOLUME, finding.volume_mm3, CUBIC_MILLIMETRE),
    ):
        if value:
            yield sr.Measurement(name=name, value=value, unit=unit)


def _attenuation(found: Attenuation) -> tuple[str, str]:
    """In words: no code is known for all three kinds."""
    said = ATTENUATION[found]
    return f"密度：{said.zh}（由 HU 测得）", f"Attenuation: {said.en} (by its HU)"


def _site(finding: Finding, image: Dataset) -> sr.FindingSite:
    if finding.kind == "lung_nodule":
        return sr.FindingSite(LUNG)
    part = anatomy.named([str(image.get("BodyPartExamined", ""))], "fracture")
    where = Code(part.sct, "SCT", part.meaning) if part else BONE
    sides = {"L": codes.SCT.Left, "R": codes.SCT.Right}
    return sr.FindingSite(where, laterality=sides.get(side(image)))


def _region(finding: Finding, image: Dataset) -> sr.ImageRegion | sr.ImageRegion3D:
    """In the patient where the image has a frame of reference, else in its pixels."""
    in_patient = finding.position_mm and "FrameOfReferenceUID" in image
    return _circle(finding, image) if in_patient else _rectangle(finding, image)


def _circle(finding: Finding, image: Dataset) -> sr.ImageRegion3D:
    """The nodule's largest circle in the plane of its slice, in patient coordinates."""
    assert finding.position_mm
    assert finding.diameter_mm
    cosines = np.asarray(image.ImageOrientationPatient, float)
    angles = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)[:, None]
    rim = np.cos(angles) * cosines[:3] + np.sin(angles) * cosines[3:]
    points = np.asarray(finding.position_mm) + finding.diameter_mm / 2 * rim
    closed = np.vstack([points, points[:1]])
    return sr.ImageRegion3D(sr.GraphicTypeValues3D.POLYGON, closed, frame_of_reference_uid=image.FrameOfReferenceUID)


def _rectangle(finding: Finding, image: Dataset) -> sr.ImageRegion:
    """The box in pixels of the film (PS3.3 section C.18.6.1: column, then row; 0 is the edge of the first pixel)."""
    x0, y0, x1, y1 = finding.box_px
    corners = np.asarray([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])
    return sr.ImageRegion(
        sr.GraphicTypeValues.POLYLINE,
        corners,
        source_image=sr.SourceImageForRegion(
            referenced_sop_class_uid=image.SOPClassUID, referenced_sop_instance_uid=image.SOPInstanceUID
        ),
    )
