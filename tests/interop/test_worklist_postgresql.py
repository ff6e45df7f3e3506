"""The worklist on a real PostgreSQL: kept, changed, filtered, handled, a doctor's week."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings

pytestmark = pytest.mark.interop
BEFORE, NOW = date(2026, 3, 2), date(2026, 5, 4)
FILTERS = (
    "village=东村", "doctor=医生甲", "disease=hypertension", "tier=high", "due=overdue", "due=week", "due=today",
    "changed=run", "changed=week", "changed=month", "id=R", "week=1&capacity=3", "week=1&disease=none",
)  # fmt: skip


@pytest.fixture
def front(url: str, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path, lang="en", database_url=url.replace("postgresql+psycopg://", "postgresql://"))
    with TestClient(application(settings)) as client:
        yield client


def resident(number: int, day: date, **more: Any) -> dict[str, Any]:
    return {"id": f"R{number}", "age": 60, "sex": "female", "sbp": 156, "dbp": 88, "hypertension": True,
            "bp_medication": True, "last_visit": day.isoformat(), "village": "东村", "doctor": "医生甲",
            **more}  # fmt: skip


def test_words_it_cannot_hold_spoil_no_other_row(front: TestClient) -> None:
    """SQLite takes any text; here one too long, or one with a NUL, would end the whole transaction."""
    wrong: tuple[dict[str, Any], ...] = ({"id": "x" * 65}, {"id": "A\0"}, {"village": "村" * 129}, {"doctor": "D\0"})
    rows = [resident(1, NOW), *(resident(number, NOW, **words) for number, words in enumerate(wrong, 2))]
    assert front.post(f"/api/v1/risk?worklist=true&day={NOW}", json=rows).status_code == 200
    assert {one["id"] for one in front.get("/api/v1/residents").json()["residents"]} == {"R1", "R4", "R5"}
    assert front.get("/api/v1/residents?id=%00").status_code == 400
    assert front.get("/api/v1/residents/%00").status_code == front.get("/residents/%00").status_code == 404


def test_the_worklist_works_as_it_does_on_sqlite(front: TestClient) -> None:
    for day, sbp in ((BEFORE, 156), (NOW, 190)):
        residents = [resident(number, day, sbp=sbp) for number in range(6)]
        assert front.post(f"/api/v1/risk?worklist=true&day={day}", json=residents).status_code == 200
    for query in FILTERS:
        assert front.get(f"/api/v1/residents?{query}").status_code == 200, query
    week = front.get("/api/v1/residents?week=1&capacity=3").json()
    assert (week["total"], week["left_out"]) == (6, {"医生甲": 6 - 3})
    assert [one["id"] for one in week["residents"]] == [f"R{number}" for number in range(6)]
    rule = week["residents"][0]["advices"][0]["rule"]
    assert front.post(f"/api/v1/residents/R0/advices/{rule}/handled", json={"as": "done"}).status_code == 200
    one = front.get("/api/v1/residents/R0?lang=en").json()
    assert rule in [item["rule"] for item in one["handled"]]
    assert [point["value"] for point in one["trends"][0]["points"]] == [156, 190]
    assert one["changed"]["on"] == NOW.isoformat()
