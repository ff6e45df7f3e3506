"""What is not ours is told so, by its pixels: pictures unlike the films of training, volumes that are no chest CT."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from cdss.models import artifact, fracture, lung_nodule
from cdss.models.applicability import NotApplicable
from cdss.models.card import Card, Threshold
from cdss.models.card import read as read_card
from cdss.models.fracture import scope as film_scope
from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.scope import LIMITS, OutOfScopeVolume, Seen
from cdss.models.lung_nodule.volume import LungNotFound
from cdss.training.imaging import scope, ship
from cdss.training.imaging.detector import Committee, Detector
from cdss.training.imaging.films import Stock

SPACING = (2.5, 1.0, 1.0)
SHAPE = (40, 320, 320)
CHEST = Seen(share=0.4, density=-850, tissue=20, litres=4, cut=(False, False), one_sided=False)


def ellipse(volume: np.ndarray, middle: tuple[float, float], half: tuple[float, float], value: int) -> None:
    y, x = np.mgrid[: volume.shape[1], : volume.shape[2]]
    volume[:, ((y - middle[0]) / half[0]) ** 2 + ((x - middle[1]) / half[1]) ** 2 < 1] = value


def body(*, tissue: int = 40, lungs: int = -850) -> np.ndarray:
    """A body in air with two lungs that end before the first and the last slice."""
    volume = np.full(SHAPE, -1000, np.int16)
    ellipse(volume, (160, 160), (105, 145), tissue)
    for middle in (100, 220):
        ellipse(volume[5:-5], (160, middle), (75, 42), lungs)
    return volume


def test_a_chest_is_read() -> None:
    found = lung.find(body(), SPACING)
    found.seen.check()
    assert (found.seen.density, found.seen.tissue) == (-850, 40)
    assert (found.seen.cut, found.seen.one_sided) == ((False, False), False)
    assert found.seen.litres == pytest.approx(30 * 2.5 * 2 * np.pi * 75 * 42 / 1e6, rel=0.05)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": 0.04}, "the lungs' share of the body's section is 0.04, expected 0.05 to 0.75"),
        ({"density": -995}, "the median density of what looks like lung is -995 HU, expected -970 to -500"),
        ({"density": -420}, "the median density of what looks like lung is -420 HU, expected -970 to -500"),
        ({"tissue": 480}, "the median density of the tissue around the lungs is 480 HU, expected -150 to 150"),
        ({"tissue": float("nan")}, "the median density of the tissue around the lungs is nan HU"),
        ({"litres": 15.2}, "the volume of the lungs is 15.2 L, expected 0 to 12"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_in_words(change: dict[str, float], words: str) -> None:
    with pytest.raises(OutOfScopeVolume, match="This is not like a chest CT in HU") as refused:
        dataclasses.replace(CHEST, **change).check()
    assert words in refused.value.text.en
    assert refused.value.code == "unlike_chest_ct"
    assert "不像以 HU 为单位的胸部 CT" in refused.value.text.zh


def test_every_limit_says_why() -> None:
    assert all(reason for *_, reason in LIMITS.values())


def test_gas_in_a_wide_bowel_is_not_lung() -> None:
    with pytest.raises(OutOfScopeVolume, match="-995 HU"):
        lung.find(body(lungs=-995), SPACING).seen.check()


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda hu: hu + 1024,  # the intercept was not applied
        lambda hu: ((hu.clip(-200, 1200) + 200) / 1400 * 255).astype(np.int16),  # a bone window in 8 bit
        lambda hu: -hu,
    ],
    ids=["stored values", "8 bit", "inverted"],
)
def test_numbers_that_are_no_hounsfield_units_hold_no_lung(spoiled: object) -> None:
    with pytest.raises(LungNotFound, match="give an axial chest CT in HU"):
        lung.find(spoiled(body()), SPACING)  # type: ignore[operator]


def test_half_the_slope_is_noticed() -> None:
    with pytest.raises(OutOfScopeVolume, match=r"what looks like lung is -42\d HU"):
        lung.find(body() // 2, SPACING).seen.check()


def test_no_lung_says_not_applicable_in_both_languages() -> None:
    with pytest.raises(NotApplicable) as refused:
        lung.find(np.full(SHAPE, 40, np.int16), SPACING)
    assert refused.value.code == "no_lung"
    assert "未找到肺" in refused.value.text.zh


@pytest.mark.parametrize(
    ("part", "cut"),
    [
        (slice(None), (False, False)),
        (slice(10, None), (True, False)),
        (slice(None, 30), (False, True)),
        (slice(10, 30), (True, True)),
    ],
)
def test_lungs_cut_off_at_an_end_are_told(part: slice, cut: tuple[bool, bool]) -> None:
    assert lung.find(body()[part], SPACING).seen.cut == cut


def test_a_side_without_air_is_told() -> None:
    volume = body()
    volume[:, :, 160:][volume[:, :, 160:] == -850] = 10  # one lung full of fluid
    assert lung.find(volume, SPACING).seen.one_sided


@pytest.mark.parametrize("turned", [lambda v: v[::-1], lambda v: v[:, ::-1], lambda v: v[:, :, ::-1]])
def test_a_mirrored_chest_is_read(turned: object) -> None:
    lung.find(np.ascontiguousarray(turned(body())), SPACING).seen.check()  # type: ignore[operator]


def film_card(most: float | None) -> Card:
    card = read_card(Path(fracture.__file__).parent / artifact.CARD_FILE)
    others = [each for each in card.thresholds if each.name != film_scope.THRESHOLD]
    ours = [] if most is None else [Threshold(name=film_scope.THRESHOLD, value=most, chosen="")]
    return type(card)(**{name: getattr(card, name) for name in card.__struct_fields__} | {"thresholds": others + ours})


def test_a_picture_above_the_card_s_threshold_is_refused_in_words() -> None:
    film_scope.check(3.0, film_card(3.0))  # 3 itself is not above 3
    with pytest.raises(fracture.OutOfScopeFilm, match=r"unlikeness 3\.1, at most 3\.0") as refused:
        film_scope.check(3.1, film_card(3.0))
    assert refused.value.code == "unlike_films"
    assert "差异度 3.1，上限 3.0" in refused.value.text.zh


def test_models_from_before_the_check_refuse_nothing() -> None:
    film_scope.check(None, film_card(3.0))
    film_scope.check(99.0, film_card(None))


def test_the_shipped_card_has_a_scope_exactly_if_its_net_tells_unlikeness() -> None:
    model = fracture.load()
    told = model.read(np.add.outer(np.arange(96.0), np.arange(80.0))).unlikeness
    has = any(each.name == film_scope.THRESHOLD for each in model.card.thresholds)
    assert has == (told is not None)


def films(count: int, seed: int) -> Stock:
    """Films of one bright bone each, somewhere, on a dim background."""
    generator = np.random.default_rng(seed)
    images = []
    for _ in range(count):
        image = generator.normal(60, 4, (96, 96))
        left = int(generator.integers(10, 60))
        image[:, left : left + 24] = 200
        images.append(image.clip(0, 255).astype(np.uint8))
    return Stock(images, [np.zeros((0, 4), np.float32)] * count, np.zeros(count, bool))


@pytest.fixture(scope="module")
def made() -> tuple[scope.Scope, Threshold]:
    torch.manual_seed(5)
    net = Detector()
    net.backbone.start()
    fitted = scope.fitted(Committee([net, Detector()]), films(60, seed=1))
    return fitted, scope.chosen(fitted, films(40, seed=2))


@torch.no_grad()
def unlikeness(of: scope.Scope, image: np.ndarray) -> float:
    return float(of(torch.from_numpy(image)[None, None].float() / 255))


def test_the_films_of_training_are_one_on_average(made: tuple[scope.Scope, Threshold]) -> None:
    told = [unlikeness(made[0], image) for image in films(60, seed=1).images]
    assert np.mean(told) == pytest.approx(1, abs=0.05)


def test_no_validation_film_is_refused_not_by_a_tenth(
    made: tuple[scope.Scope, Threshold],
) -> None:
    told = [unlikeness(made[0], image) for image in films(40, seed=2).images]
    assert 1.1 * max(told) == pytest.approx(made[1].value)


@pytest.mark.parametrize(
    "picture",
    [
        np.random.default_rng(0).integers(0, 255, (96, 96)).astype(np.uint8),
        (np.indices((96, 96)).sum(0) // 8 % 2 * 255).astype(np.uint8),
        np.linspace(0, 255, 96 * 96).reshape(96, 96).astype(np.uint8),
    ],
    ids=["noise", "checkers", "a slope"],
)
def test_pictures_of_another_kind_are_above_it(made: tuple[scope.Scope, Threshold], picture: np.ndarray) -> None:
    assert unlikeness(made[0], picture) > made[1].value


class Answers(torch.nn.Module):
    """A net of one answer."""

    def forward(self, given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (given.mean((1, 2, 3)),)


def test_unlikeness_is_the_last_answer_of_the_shipped_graph(
    made: tuple[scope.Scope, Threshold], tmp_path: Path
) -> None:
    shipped = scope.Scoped(Answers(), made[0])
    path, batch = tmp_path / "model.onnx", {0: "films"}
    axes = {0: "films", 2: "rows", 3: "columns"}
    ship.export(shipped, torch.rand(1, 1, 96, 96), path, "film", {"mean": batch, "unlikeness": batch}, axes)
    images = [np.random.default_rng(n).random((1, 1, 96, 64 + 32 * n), np.float32) for n in range(3)]
    ship.parity(shipped, path, "film", images, {"mean": 1e-5, "unlikeness": 0.01})


def test_a_ct_that_is_no_chest_is_refused_by_the_detector() -> None:
    with pytest.raises(lung_nodule.OutOfScopeVolume):
        lung_nodule.load().detect(body(lungs=-995), SPACING)
