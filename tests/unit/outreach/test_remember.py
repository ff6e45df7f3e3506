"""Assessments in bulk."""

import sqlalchemy as sa
from outreach import House, advice, assessment

from cdss.serving.population.outreach.remember import remember

MANY = 1000


def test_a_thousand_residents_cost_a_handful_of_statements(home: House) -> None:
    statements = []
    sa.event.listen(home.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    people = [assessment(f"r{n}", advice("pathway/a"), advice("pathway/b", "avoid", 0)) for n in range(MANY)]
    assert home.keep(*people) == {"opened": 2 * MANY, "closed": 0, "letters": 3 * MANY}
    ours = [one for one in statements if any(table in one for table in ("reminder", "letter", "opt_out", "fhir_"))]
    assert len(ours) < 15
    assert home.keep(*people) == {"opened": 0, "closed": 0, "letters": 0}


def test_more_than_one_batch_at_once(home: House) -> None:
    assert home.keep(*(assessment(f"r{n}", advice("pathway/a")) for n in range(2500)))["opened"] == 2500


def test_a_resident_twice_in_a_table_counts_once(home: House) -> None:
    twice = assessment("r", advice("pathway/a")), assessment("r", advice("pathway/b"))
    assert home.keep(*twice)["opened"] == 1
    assert home.reminders("rule") == ["pathway/b"]


def test_who_has_no_id_is_nobodys(home: House) -> None:
    assert home.keep(assessment("", advice("pathway/a")))["opened"] == 0


def test_nothing_is_half_remembered(home: House) -> None:
    """When the caller's transaction fails, all that was to be remembered goes with it."""
    with home.engine.connect() as connection:
        assert remember(connection, [assessment("r", advice("pathway/a"))], home.now, home.settings)["opened"] == 1
        connection.rollback()
    assert list(home.reminders("id")) == []
