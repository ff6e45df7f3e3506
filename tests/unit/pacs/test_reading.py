"""One study read: what the model marked is placed in the patient, and what could not be read is never silence."""

from typing import Any

import numpy as np
import pytest

from cdss.models.finding import Box, FilmReading, Nodule, VolumeReading
from cdss.models.score_map import ScoreMap, score_map
from cdss.serving.pacs.detect import FilmAnswer, ModelRef, Unavailable, VolumeAnswer
from cdss.serving.pacs.reading import read_study
from cdss.serving.pacs.reasons import Reason, refuse
from cdss.serving.pacs.result import in_language
from cdss.serving.pacs.size import words


def test_a_nodule_is_placed_in_the_patient_and_boxed_on_its_slice(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(), stand_in(Nodule(0.9, (10.4, 100, 200), 7.0)))
    (finding,) = told.findings
    assert told.state == "reported"
    assert finding.position_mm == (-180 + 200 * 0.7, -170 + 100 * 0.7, 10.4 * 1.25)
    assert finding.sop_instance_uid == "1.2.10"
    assert finding.box_px == (200 - 5, 100 - 5, 200 + 5, 100 + 5)  # 3.5 mm are 5 pixels of 0.7 mm
    assert told.model
    assert told.model.name == "stand-in"


def test_a_size_is_rounded_once_and_what_was_not_measured_stays_unknown(scan: Any, stand_in: Any) -> None:
    measured = Nodule(0.9, (10, 100, 200), 7.049, True, 8.052, 6.046, 201.4, "solid")
    told = read_study("1", scan(), stand_in(measured, Nodule(0.8, (10, 300, 200), 7.049)))
    sizes = [(one.measured, one.diameter_mm, one.long_mm, one.short_mm, one.volume_mm3) for one in told.findings]
    assert sizes == [(True, 7.0, 8.1, 6.0, 201), (False, 7.0, None, None, None)]
    assert [one.attenuation for one in told.findings] == ["solid", None]
    assert [words(one, "en") for one in told.findings] == [
        "7 mm (8.1 × 6), solid, 201 mm³",
        "7 mm (the network's estimate, not measured)",
    ]


def test_the_model_gets_slices_from_feet_to_head_with_their_spacing(scan: Any, stand_in: Any) -> None:
    model = stand_in()
    read_study("1", scan([-n * 1.25 for n in range(40)]), model)
    slices, spacing = model.asked[0]
    assert slices[0].name == "1.2-39"
    assert spacing == pytest.approx((1.25, 0.7, 0.7))


def test_findings_are_numbered_best_first(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(), stand_in(Nodule(0.2, (1, 1, 1), 4), Nodule(0.7, (2, 2, 2), 4)))
    assert [(one.id, one.score) for one in told.findings] == [("1", 0.7), ("2", 0.2)]


def test_nothing_marked_is_told_as_not_being_normal(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(), stand_in())
    assert told.state == "reported"
    assert [why.code for why in told.quality] == ["nothing_marked", "not_a_device"]
    assert told.quality[0].en == (
        "The model marked nothing; this is not a normal report, a physician must still read the images."
    )


def test_a_film_has_boxes_and_a_probability_but_no_depth(film: Any, stand_in: Any) -> None:
    told = read_study("1", [film("2.1")], stand_in(boxes=[Box(0.5, (-3, 10, 600, 20))]))
    (finding,) = told.findings
    assert (finding.kind, finding.position_mm, finding.diameter_mm) == ("fracture", None, None)
    assert finding.box_px == (0, 10, 512, 20)  # cut at the film's edge
    assert told.images[0].probability == 0.8123


def test_two_patients_in_one_study_are_read_as_none(scan: Any, stand_in: Any) -> None:
    told = read_study("1", [*scan(), *scan([90], patient=("P2", "19600101"))], stand_in(Nodule(0.9, (1, 1, 1), 4)))
    assert (told.state, told.model, told.findings) == ("failed", None, ())
    assert told.quality[0].en == (
        "One study holds images of different patients; check the identities and send it again."
    )
    assert told.quality[0].zh == "同一检查中有不同患者的图像；请核对患者身份后重新发送。"


def test_a_study_out_of_scope_is_not_applicable_and_asks_no_model(film: Any, stand_in: Any) -> None:
    model = stand_in()
    told = read_study("1", [film(places=("CHEST",))], model)
    assert (told.state, model.asked) == ("not-applicable", [])
    assert told.quality[0].code == "body_part_out"


def test_a_damaged_series_in_scope_is_failed_not_not_applicable(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan([n * 1.25 for n in range(40) if n != 20]), stand_in())
    assert (told.state, told.quality[0].code) == ("failed", "missing_slices")


def test_a_scout_beside_a_damaged_series_does_not_hide_it(scan: Any, stand_in: Any) -> None:
    scout = scan([0], series="7", image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    damaged = scan([n * 1.25 for n in range(40) if n != 20])
    assert read_study("1", [*scout, *damaged], stand_in()).state == "failed"


def test_what_the_decoder_refuses_is_told(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(), stand_in(error=refuse("decode_failed", fault="x")))
    assert (told.state, told.quality[0].code) == ("failed", "decode_failed")


def test_pixels_that_are_no_chest_are_not_applicable_in_the_model_s_words(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(), stand_in(error=refuse("no_lung", zh="无肺", en="no lung")))
    assert (told.state, told.model, told.findings) == ("not-applicable", None, ())
    assert told.quality[0] == Reason("no_lung", "无肺", "no lung")


def test_a_study_with_a_film_in_scope_that_is_damaged_is_failed(film: Any, stand_in: Any) -> None:
    faults = iter([refuse("unlike_films", zh="", en=""), refuse("decode_failed", fault="x")])
    model = stand_in()
    model.film = lambda path: (_ for _ in ()).throw(next(faults))
    told = read_study("1", [film("2.1"), film("2.2")], model)
    assert (told.state, told.quality[0].code) == ("failed", "decode_failed")


def test_a_film_that_was_cut_short_is_read_as_far_as_it_goes_and_said_to_be(film: Any, stand_in: Any) -> None:
    model = stand_in()
    model.film = lambda path: FilmAnswer(ModelRef("stand-in", "1", "sha256:0"), FilmReading(0.1, (), missing=0.213))
    told = read_study("1", [film("2.1")], model)
    (said,) = (why for why in told.quality if why.code == "film_cut_short")
    assert told.state == "reported"
    assert "lowest 22 %" in said.en


@pytest.mark.parametrize(
    ("cut", "words"),
    [((True, False), ["lowest"]), ((False, True), ["highest"]), ((True, True), ["lowest", "highest"])],
)
def test_lungs_that_go_on_beyond_the_scan_are_a_remark(
    cut: tuple[bool, bool], words: list[str], scan: Any, stand_in: Any
) -> None:
    model = stand_in()
    model.volume = lambda slices, spacing: VolumeAnswer(ModelRef("m", "1", "sha256:0"), VolumeReading((), cut=cut))
    told = read_study("1", scan(), model)
    assert told.state == "reported"
    assert [why.en.split()[6] for why in told.quality if why.code == "lungs_cut"] == words


def test_a_side_without_aerated_lung_is_a_remark(scan: Any, stand_in: Any) -> None:
    model = stand_in()
    model.volume = lambda slices, spacing: VolumeAnswer(
        ModelRef("m", "1", "sha256:0"), VolumeReading((), one_sided=True)
    )
    assert "one_lung" in [why.code for why in read_study("1", scan(), model).quality]


def test_an_unavailable_model_is_no_result_at_all(scan: Any, stand_in: Any) -> None:
    with pytest.raises(Unavailable):
        read_study("1", scan(), stand_in(error=Unavailable("dead")))


def test_one_damaged_film_does_not_stop_the_other(film: Any, stand_in: Any) -> None:
    model = stand_in(boxes=[Box(0.5, (1, 1, 2, 2))], error=refuse("decode_failed", fault="x"))
    told = read_study("1", [film("2.bad"), film("2.2")], model)
    assert told.state == "reported"
    assert "decode_failed" in [why.code for why in told.quality]
    assert [image.sop_instance_uid for image in told.images] == ["2.2"]


def test_only_damaged_films_are_a_failure(film: Any, stand_in: Any) -> None:
    told = read_study("1", [film("2.bad")], stand_in(error=refuse("decode_failed", fault="x")))
    assert (told.state, told.findings) == ("failed", ())


def test_the_reason_is_told_in_the_language_asked_for(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(places=("KNEE",)), stand_in())
    assert in_language(told, "en").series[0].reason == "Body part knee is outside what the model is for."
    assert in_language(told, "zh").series[0].reason == "检查部位（膝）不在模型适用范围内。"


def seen_on(slice_: int | None) -> ScoreMap:
    return score_map(np.full((4, 4), 0.5, np.float32), (0.0, 0.0, 512.0, 512.0), slice_)


@pytest.mark.parametrize(
    ("looked_at", "shown"),
    [([8, 10, 12], 10), ([9, 12], 9), ([12], None)],
    ids=["the slice itself", "1.25 mm away", "2.5 mm away is another slice"],
)
def test_a_key_slice_has_the_map_of_the_nearest_slice_that_was_looked_at(
    looked_at: list[int], shown: int | None, scan: Any, stand_in: Any
) -> None:
    model = stand_in(Nodule(0.9, (10.4, 100, 200), 7.0), maps=[seen_on(slice_) for slice_ in looked_at])
    (image,) = read_study("1", scan(number=11), model).key_images
    assert (image.sop_instance_uid, image.instance_number) == ("1.2.10", 11)
    assert (image.score_map and image.score_map.slice) == shown


def test_key_images_are_those_of_the_best_findings_and_no_more_than_eight(scan: Any, stand_in: Any) -> None:
    nodules = [Nodule(0.1 + n / 100, (n, 200, 150), 5.0) for n in range(12)]
    told = read_study("1", scan(), stand_in(*nodules))
    assert [image.sop_instance_uid for image in told.key_images] == [f"1.2.{n}" for n in range(11, 3, -1)]


def test_of_a_ct_with_nothing_marked_the_middle_slice_is_shown(scan: Any, stand_in: Any) -> None:
    told = read_study("1", scan(), stand_in(maps=[seen_on(20)]))
    (image,) = told.key_images
    assert (image.sop_instance_uid, image.score_map) == ("1.2.20", seen_on(20))


def test_every_film_is_shown_with_its_map(film: Any, stand_in: Any) -> None:
    model = stand_in(maps=[seen_on(None)])
    told = read_study("1", [film("2.1"), film("2.2")], model)
    assert [(image.sop_instance_uid, image.score_map) for image in told.key_images] == [
        ("2.1", seen_on(None)),
        ("2.2", seen_on(None)),
    ]


def test_a_detector_that_keeps_no_map_has_none_shown(film: Any, stand_in: Any) -> None:
    assert [image.score_map for image in read_study("1", [film()], stand_in()).key_images] == [None]
