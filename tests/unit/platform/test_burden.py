"""What each rule costs: shown, accepted, overridden; the last word on a card counts."""

from pathlib import Path

import sqlalchemy as sa

from cdss.serving.emr.burden import Burden, burden
from cdss.serving.platform import database
from cdss.serving.platform.tables import card, feedback


def shown(uuid: str, rule: str, at: str = "2026-11-20T08:00:00.000+00:00") -> dict[str, str]:
    return {"uuid": uuid, "at": at, "service": "order-sign", "rule": rule, "rule_version": "1", "severity": "avoid"}


def said(uuid: str, outcome: str, at: str, reason: str = "") -> dict[str, str]:
    return {
        "card": uuid, "service": "order-check-sign", "outcome": outcome, "outcome_at": at, "reason_system": "",
        "reason_code": reason, "comment": "", "suggestions": "[]",
    }  # fmt: skip


def test_cards_are_counted_by_rule_and_the_last_word_counts(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(engine)
    with engine.begin() as connection:
        old = shown("0", "renal/x", "2025-01-01T00:00:00.000+00:00")
        connection.execute(sa.insert(card), [*(shown(str(n), "dose/x") for n in (1, 2, 3)), shown("4", "renal/x"), old])
        connection.execute(
            sa.insert(feedback),
            [
                said("1", "accepted", "2026-11-20T09:00:00Z"),
                said("1", "overridden", "2026-11-20T09:01:00Z", "will-monitor"),
                said("2", "overridden", "2026-11-20T09:00:00Z", "will-monitor"),
                said("4", "accepted", "2026-11-20T09:00:00Z"),
                said("not ours", "overridden", "2026-11-20T09:00:00Z"),
            ],
        )
        found = burden(connection, "2026-01-01")
    engine.dispose()
    assert found == [
        Burden("dose/x", "avoid", 3, 0, 2, {"will-monitor": 2}),
        Burden("renal/x", "avoid", 1, 1, 0, {}),
    ]
    assert [one.override_share for one in found] == [1.0, 0.0]
