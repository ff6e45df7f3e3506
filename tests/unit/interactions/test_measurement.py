"""The measurement on reference pairs counts what it says it counts."""

from pathlib import Path

import pytest

from cdss.evaluation.interactions import HIGH_ALERT, NOT_INTERRUPTIVE, PRESUMED_NEGATIVE, evaluate

HEAD = "drugbank_a,name_a,drugbank_b,name_b,onc_high,ndfrt_critical,crediblemeds_ddi\n"


def test_shares_are_of_the_pairs_whose_drugs_are_known(tmp_path: Path) -> None:
    folder = tmp_path / "drugs" / "eval"
    folder.mkdir(parents=True)
    (folder / HIGH_ALERT).write_text(
        HEAD
        + ",simvastatin,,clarithromycin,1,0,0\n"  # contraindicated
        + ",warfarin,,metronidazole,0,1,0\n"  # found, but only a precaution
        + ",amoxicillin,,vitamin_e,1,0,0\n"  # known, not found
        + ",no_such_drug,,warfarin,1,0,0\n",  # not known: does not count
        encoding="utf-8",
    )
    (folder / NOT_INTERRUPTIVE).write_text(HEAD + ",warfarin,,ibuprofen,,,\n", encoding="utf-8")
    (folder / PRESUMED_NEGATIVE).write_text(HEAD + ",folic_acid,,morphine,,,\n", encoding="utf-8")
    result = evaluate(tmp_path)
    assert (result.high_alert.pairs, result.high_alert.known) == (4, 3)
    assert result.high_alert.found == pytest.approx(2 / 3)
    assert result.high_alert.interruptive == pytest.approx(1 / 3)
    assert result.high_alert_by_source["ndfrt_critical"].interruptive == 0
    assert result.high_alert_by_source["crediblemeds_ddi"].found is None
    assert result.not_interruptive.interruptive == 1
    assert result.presumed_negative.found == 0
    assert result.unknown_names == ["no_such_drug"]
