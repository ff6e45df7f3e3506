"""Every refusal, note and choice has a code and the same words in Chinese and English."""

import re
from string import Formatter

import pytest

from cdss.serving.pacs.reasons import REASONS, Unreadable, reason, refuse

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name} - {"zh", "en"}


@pytest.mark.parametrize("code", REASONS)
def test_both_languages_say_it(code: str) -> None:
    """A reason that is a model's own words has a place for them in either language."""
    _, zh, en = REASONS[code]
    assert CHINESE.search(zh) or (zh, en) == ("{zh}", "{en}")
    assert not CHINESE.search(en)
    assert blanks(zh) == blanks(en)


def test_a_blank_that_is_not_filled_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        reason("missing_slices", count=3)


def test_a_refusal_names_its_code_and_says_what_to_do() -> None:
    error = refuse("missing_slices", count=3, spacing=1.25)
    assert isinstance(error, Unreadable)
    assert str(error) == "missing_slices: 3 slices are missing (spacing 1.25 mm); send the whole series again."
    assert error.reason.zh == "缺少 3 层（层距 1.25 mm）；请从 PACS 补发整个序列。"
    assert error.reason.kind == "defect"
