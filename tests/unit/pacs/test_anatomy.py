"""The body part that a header names, in the words of devices and of people."""

import pytest

from cdss.serving.pacs.series.anatomy import Task, named, parts


@pytest.mark.parametrize(
    ("places", "task", "part"),
    [
        (("CHEST",), "lung_nodule", "chest"),
        (("chest with contrast",), "lung_nodule", "chest"),
        (("CHEST ABDOMEN PELVIS",), "lung_nodule", "chest"),  # the lungs are in it
        (("胸部CT平扫",), "lung_nodule", "chest"),
        (("胸椎",), "lung_nodule", "spine"),  # a vertebra, not the chest
        (("股骨头",), "fracture", "thigh"),  # a femoral head, not a head
        (("术后 手术 左膝",), "fracture", "knee"),  # surgery holds the sign for hand
        (("Tib/Fib",), "fracture", "lower leg"),
        (("C-SPINE",), "fracture", "spine"),
        (("LOWER LEG",), "fracture", "lower leg"),
        (("", "ROUTINE", "右踝关节正侧位"), "fracture", "ankle"),
        (("CHEST", "HAND"), "fracture", "chest"),  # the first text is the more reliable
    ],
)
def test_named_parts(places: tuple[str, ...], task: Task, part: str) -> None:
    found = named(places, task)
    assert found
    assert found.en == part


@pytest.mark.parametrize("places", [(), ("",), ("ROUTINE",), ("OTHER", "3 mm")])
def test_nothing_named(places: tuple[str, ...]) -> None:
    assert named(places, "fracture") is None


def test_every_part_is_named_in_both_languages_and_coded() -> None:
    for part in parts():
        assert all((part.zh, part.en, part.sct.isdigit(), part.words))
