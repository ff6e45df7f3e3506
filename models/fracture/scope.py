"""Is this a film of the model's kind at all? Judged by the pixels, since headers are often empty or wrong."""

from cdss.models.applicability import NotApplicable
from cdss.models.card import Card, Text

THRESHOLD = "scope"  # in the card: unlikeness above which a film is refused
CODE = "unlike_films"


class OutOfScopeFilm(NotApplicable):
    """The picture is unlike the films that the model was made of: whatever it said would mean nothing."""


def check(unlikeness: float | None, card: Card) -> None:
    """Raise OutOfScopeFilm above the card's threshold.

    `unlikeness`: 1 is the mean of the films of training, see training/imaging/scope.py. None, or a card without the
    threshold: a model made before there was this check; it is not made.
    """
    most = next((each.value for each in card.thresholds if each.name == THRESHOLD), None)
    if unlikeness is None or most is None or unlikeness <= most:
        return
    found = f"{unlikeness:.1f}"
    raise OutOfScopeFilm(
        CODE,
        Text(
            zh=f"图像与训练所用的四肢、髋、肩 X 线片差异过大（差异度 {found}，上限 {most:.1f}），未作判断。",
            en=f"The picture is unlike the films of limbs, hip and shoulder that the model was made of "
            f"(unlikeness {found}, at most {most:.1f}); it was not read.",
        ),
    )
