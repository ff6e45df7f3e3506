"""Which series is read, and the reason in words for every one that is not."""

from typing import Any

import pytest

from cdss.serving.pacs.series.choice import Choice, choose

EXTENDED = "1.2.840.10008.1.2.4.51"


def codes(choice: Choice) -> list[str]:
    return [why.code for why in choice.refusals]


def test_a_plain_chest_ct_is_read(scan: Any) -> None:
    choice = choose(scan())
    assert choice.task == "lung_nodule"
    assert [series.reasons[0].code for series in choice.series] == ["chosen_only"]
    assert choice.notes == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, "scout"),
        ({"image_type": ("DERIVED", "SECONDARY", "REFORMATTED")}, "secondary"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.7"}, "secondary"),
        ({"image_type": ("DERIVED", "PRIMARY", "MPR")}, "derived"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.2.1", "frames": 300}, "multiframe"),
        ({"places": ("KNEE",)}, "body_part_out"),
        ({"places": ("头颅CT平扫",)}, "body_part_out"),
        ({"orientation": (1, 0, 0, 0, 0, -1)}, "not_axial"),
        ({"spacing": None}, "position_missing"),
        ({"syntax": EXTENDED, "bits": 12}, "syntax_not_decodable"),
    ],
)
def test_a_ct_that_is_not_for_the_model(changed: dict[str, Any], code: str, scan: Any) -> None:
    choice = choose(scan(**changed))
    assert choice.task is None
    assert code in codes(choice)


def test_missing_slices_are_counted(scan: Any) -> None:
    heights = [n * 1.25 for n in range(40) if n not in (10, 11, 12)]
    (why,) = choose(scan(heights)).refusals
    assert why.en == "3 slices are missing (spacing 1.25 mm); send the whole series again."
    assert why.zh == "缺少 3 层（层距 1.25 mm）；请从 PACS 补发整个序列。"


def test_two_slices_at_one_place(scan: Any) -> None:
    (why,) = choose([*scan(), *scan([12.5], sop_uid="9.9")]).refusals
    assert why.en == "1 positions hold more than one slice; the series may mix several reconstructions."


def test_uneven_spacing_is_not_called_missing(scan: Any) -> None:
    heights = [n * 4.0 + (1.3 if n % 2 else 0) for n in range(20)]
    assert codes(choose(scan(heights))) == ["uneven_spacing"]


def test_a_tilted_gantry_is_refused_with_its_angle(scan: Any) -> None:
    choice = choose(scan(orientation=(1, 0, 0, 0, 0.9483, 0.3173)))
    assert [why.en for why in choice.refusals] == [
        "The gantry is tilted 18.5 degrees; only scans up to 1.0 degrees are read."
    ]


def test_a_head_with_a_tilt_is_told_both(scan: Any) -> None:
    choice = choose(scan(orientation=(1, 0, 0, 0, 0.9483, 0.3173), places=("HEAD",)))
    assert codes(choice) == ["body_part_out", "gantry_tilt"]


def test_slices_of_two_sizes_are_no_volume(scan: Any) -> None:
    choice = choose([*scan(), *scan([60, 61.25], rows=256)])
    assert choice.refusals[0].en == "The slices differ in matrix size and do not form one volume."
    assert choice.refusals[0].zh == "序列内图像的矩阵大小不一致，无法组成一个容积。"


def test_seven_slices_are_too_few(scan: Any) -> None:
    assert codes(choose(scan(range(7)))) == ["too_few_slices"]


@pytest.mark.parametrize(("thickness", "said"), [(3.0, False), (5.0, True)])
def test_from_three_millimetres_upward_small_nodules_may_be_missed(thickness: float, said: bool, scan: Any) -> None:
    choice = choose(scan([n * 2.5 for n in range(40)], thickness=thickness))
    assert choice.task == "lung_nodule"
    assert ("thick_slices" in [note.code for note in choice.notes]) is said


def test_eight_millimetres_apart_is_too_thick_to_read(scan: Any) -> None:
    assert codes(choose(scan([n * 8.0 for n in range(30)], thickness=8.0))) == ["slices_too_thick"]


def test_a_scout_inside_the_series_is_left_out_and_said(scan: Any) -> None:
    scout = scan([0], image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"), sop_uid="9.9", orientation=(1, 0, 0, 0, 0, -1))
    choice = choose([*scout, *scan()])
    assert [note.code for note in choice.notes] == ["scout_removed"]
    assert choice.volume
    assert len(choice.volume.files) == 40


def test_slices_may_come_head_first(scan: Any) -> None:
    choice = choose(scan([-n * 1.25 for n in range(40)]))
    assert choice.volume
    assert choice.volume.grid.origin[2] == -39 * 1.25


def test_no_body_part_is_said_and_read(scan: Any) -> None:
    choice = choose(scan(places=()))
    assert choice.task == "lung_nodule"
    assert [note.code for note in choice.notes] == ["body_part_unknown"]


def test_lossy_slices_are_marked_derived_by_devices_and_read_with_a_note(scan: Any) -> None:
    choice = choose(scan(image_type=("DERIVED", "PRIMARY", "AXIAL"), lossy=True))
    assert choice.task == "lung_nodule"
    assert [note.code for note in choice.notes] == ["lossy"]


def reasons_by_series(choice: Choice) -> dict[str, tuple[bool, str]]:
    return {series.series_uid: (series.chosen, series.reasons[0].code) for series in choice.series}


def test_the_thinner_series_is_read(scan: Any) -> None:
    thick = scan([n * 5.0 for n in range(20)], series="5", thickness=5.0)
    choice = choose([*thick, *scan(series="1")])
    assert reasons_by_series(choice) == {"1": (True, "chosen_thinnest"), "5": (False, "not_chosen")}


def test_of_two_kernels_the_smoother_is_read_and_the_reason_names_it(scan: Any) -> None:
    choice = choose([*scan(series="1", kernel="LUNG"), *scan(series="2", kernel="STANDARD")])
    assert reasons_by_series(choice) == {"1": (False, "not_chosen"), "2": (True, "chosen_kernel")}
    chosen = next(series for series in choice.series if series.chosen)
    assert "STANDARD" in chosen.reasons[0].en


def test_of_equal_series_the_longer_is_read(scan: Any) -> None:
    choice = choose([*scan([n * 1.25 for n in range(30)], series="1"), *scan(series="2")])
    assert reasons_by_series(choice)["2"] == (True, "chosen_larger")


def test_a_hand_is_read_for_fractures(film: Any) -> None:
    choice = choose([film("2.1"), film("2.2")])
    assert choice.task == "fracture"
    assert len(choice.films) == 2


@pytest.mark.parametrize(
    ("places", "code"),
    [
        (("CHEST",), "body_part_out"),
        (("SKULL",), "body_part_out"),
        (("LSPINE",), "body_part_out"),
        (("胸椎正侧位",), "body_part_out"),
        (("RIBS",), "body_part_out"),
        (("MODALITYLUT - TEETH",), "body_part_out"),
    ],
)
def test_films_out_of_scope(places: tuple[str, ...], code: str, film: Any) -> None:
    choice = choose([film(places=places)])
    assert choice.task is None
    assert codes(choice) == [code]


@pytest.mark.parametrize(
    "places", [("HIP",), ("EXTREMITY",), ("左手正斜位",), ("右肩关节",), ("", "Tib-Fib AP"), ("股骨颈",)]
)
def test_films_in_scope(places: tuple[str, ...], film: Any) -> None:
    assert choose([film(places=places)]).task == "fracture"


def test_a_film_without_body_part_is_read_and_says_so(film: Any) -> None:
    choice = choose([film(places=())])
    assert choice.task == "fracture"
    assert choice.notes[0].en == (
        "The body part is not stated; the model is for limbs, hip and shoulder only, please check."
    )
    assert choice.notes[0].zh == "未注明检查部位；模型仅适用于四肢、髋、肩，请核对。"


def test_a_pelvis_is_read_for_the_hips_and_says_so(film: Any) -> None:
    assert [note.code for note in choose([film(places=("PELVIS",))]).notes] == ["pelvis_hips_only"]


@pytest.mark.parametrize("modality", ["MR", "US", "MG", "NM"])
def test_other_modalities_are_not_read(modality: str, film: Any) -> None:
    (why,) = choose([film(modality=modality)]).refusals
    assert why.en == f"Modality {modality} is not read; only chest CT and CR/DX of limbs, hip and shoulder are."
    assert why.zh == f"检查类型 {modality} 不在适用范围内；仅阅读胸部 CT 与四肢、髋、肩的 CR/DX。"


def test_a_colour_film_is_no_film(film: Any) -> None:
    assert codes(choose([film(photometric="RGB")])) == ["not_monochrome"]


def test_a_chest_ct_goes_before_a_film_of_the_same_study(scan: Any, film: Any) -> None:
    choice = choose([*scan(), film()])
    assert choice.task == "lung_nodule"
    assert reasons_by_series(choice)["2"] == (False, "other_task")


def test_a_film_is_read_when_the_ct_of_the_study_cannot_be(scan: Any, film: Any) -> None:
    assert choose([*scan(places=("HEAD",)), film()]).task == "fracture"
