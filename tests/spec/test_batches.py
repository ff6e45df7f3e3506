"""Many requests in one file: each line is answered, and one that cannot be read is told and stops none."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cdss.rules import KNOWLEDGE
from cdss.rules.pack import Pack
from cdss.serving.emr.any_form import asked
from cdss.serving.platform.cli import app

ORDER = json.dumps({"patient": {}, "orders": [{"drug": {"name": "华法林"}}, {"drug": {"name": "布洛芬"}}]})
NO_LIST = json.dumps(
    {"hook": "order-sign", "hookInstance": "1", "context": {"patientId": "1", "draftOrders": {"entry": 5}}}
)


def check(*lines: str) -> Any:
    return CliRunner().invoke(app, ["check", "-", "--ndjson"], input="\n".join(lines))


def test_a_bundle_whose_entries_are_no_list_stops_no_batch() -> None:
    result = check(NO_LIST, ORDER)
    assert ["error" in json.loads(line) for line in result.stdout.splitlines()] == [True, False]
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "line", ["5", "[]", "null", '""', '{"hook": 5}', '{"orders": {}}', '{"resourceType": "Bundle"}']
)
def test_no_line_of_json_stops_a_batch(line: str) -> None:
    result = check(line, ORDER)
    assert ["error" in json.loads(answer) for answer in result.stdout.splitlines()] == [True, False]


def test_an_error_nobody_foresaw_is_told_by_its_kind_and_place_and_never_quotes_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(value: Any, pack: Pack) -> Any:
        if "hook" in value:
            raise TypeError("secret")
        return asked(value, pack)

    monkeypatch.setattr("cdss.serving.emr.command.asked", failing)
    failed, good = (json.loads(line) for line in check(NO_LIST, ORDER).stdout.splitlines())
    assert failed["line"] == 1
    assert failed["error"].startswith("found a request that cannot be read (TypeError at test_batches:")
    assert failed["error"].endswith("); not checked, compare it with the contract")
    assert good["alerts"][0]["kind"] == "interaction"


def test_past_orders_that_cannot_be_read_are_counted_apart(tmp_path: Path) -> None:
    """Two lines that are no requests, one order that comes out the same: nothing comes out differently."""
    orders = tmp_path / "orders.ndjson"
    orders.write_text(f"{{bad\n{NO_LIST}\n{ORDER}\n", encoding="utf-8")
    compare = ["rules", "diff", str(KNOWLEDGE), str(KNOWLEDGE), "--orders", str(orders)]
    answer = CliRunner().invoke(app, [*compare, "--json"])
    found = json.loads(answer.stdout)
    assert (found["replayed"], found["different"], answer.exit_code) == (1, [], 2)
    assert [one["line"] for one in found["unreadable"]] == [1, 2]
    said = CliRunner().invoke(app, compare).stderr
    assert "0 of 1 orders come out differently, 2 lines could not be read" in said
