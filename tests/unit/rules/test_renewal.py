"""An order that goes on with what is taken is no duplicate; anything else is."""

from datetime import date

import pytest

from cdss.rules.engine import Review, evaluate
from cdss.rules.facts import Facts, Medication, Order, Patient, Quantity
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 1)
RENEWAL, DUPLICATE = ("duplicate/ingredient", "consider"), ("duplicate/ingredient", "precaution")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def review(pack: Pack, ordered: str, *taken: str, **patient: object) -> Review:
    """An order of name, dose and route (5 mg, 2 times a day: `name|5|2|po`) beside medicines told the same way."""
    medications = tuple(Medication(**told(pack, one)) for one in taken)
    person = Patient(medications=medications, **patient)  # type: ignore[arg-type]
    return evaluate(pack, Facts(person, (Order("o1", **told(pack, ordered)),), DAY))


def told(pack: Pack, text: str) -> dict[str, object]:
    name, dose, times, route = (*text.split("|"), "", "", "")[:4]
    return {
        "drug": pack.formulary.resolve(name=name),
        "dose": Quantity(float(dose), "mg") if dose else None,
        "times_a_day": float(times) if times else None,
        "route": route or None,
    }


def duplicates(found: Review) -> list[tuple[str, str]]:
    return [(alert.rule, alert.severity) for alert in found.alerts if alert.kind == "duplicate"]


@pytest.mark.parametrize(
    ("ordered", "taken", "expected"),
    [
        ("苯磺酸氨氯地平片|5|1", "苯磺酸氨氯地平片|5|1", RENEWAL),
        ("苯磺酸氨氯地平片|5|1", "苯磺酸氨氯地平片", RENEWAL),  # its dose was not told
        ("苯磺酸氨氯地平片 5mg*28片|5|1", "苯磺酸氨氯地平片|5|1", RENEWAL),
        ("缬沙坦胶囊80mg", "缬沙坦胶囊160mg", DUPLICATE),  # another strength
        ("苯磺酸氨氯地平片|10|1", "苯磺酸氨氯地平片|5|1", DUPLICATE),  # another dose
        ("苯磺酸氨氯地平片|5|2", "苯磺酸氨氯地平片|5|1", DUPLICATE),  # more often
        ("络活喜", "苯磺酸氨氯地平片", DUPLICATE),  # another name: two boxes, two tablets
        ("地塞米松|5|1|iv", "地塞米松|5|1|po", DUPLICATE),
    ],
)
def test_a_renewal_is_the_same_product_in_the_same_use(
    pack: Pack, ordered: str, taken: str, expected: tuple[str, str]
) -> None:
    assert duplicates(review(pack, ordered, taken)) == [expected]


def test_a_renewal_is_not_counted_twice(pack: Pack) -> None:
    found = review(pack, "利伐沙班片|20|1", "利伐沙班片|20|1")
    assert duplicates(found) == [RENEWAL]
    assert not [alert for alert in found.alerts if alert.kind == "dose"]


def test_a_change_of_dose_is_said_and_does_not_add_up(pack: Pack) -> None:
    found = review(pack, "苯磺酸氨氯地平片|10|1", "苯磺酸氨氯地平片|5|1")
    assert duplicates(found) == [DUPLICATE]
    assert not [alert for alert in found.alerts if alert.kind == "dose"]


def test_another_product_adds_up(pack: Pack) -> None:
    found = review(pack, "苯磺酸氨氯地平片|10|1", "络活喜|5|1")
    assert [alert.rule for alert in found.alerts if alert.kind == "dose"] == ["dose/maximum/amlodipine"]


def test_beside_a_renewal_another_product_is_still_a_duplicate(pack: Pack) -> None:
    assert duplicates(review(pack, "苯磺酸氨氯地平片", "苯磺酸氨氯地平片", "络活喜")) == [DUPLICATE]


def test_what_a_renewal_interacts_with_is_still_said(pack: Pack) -> None:
    found = review(pack, "华法林钠片", "华法林钠片", "布洛芬片")
    assert any(alert.kind == "interaction" and alert.severity == "avoid" for alert in found.alerts)


def test_a_renewal_does_not_start_a_medicine(pack: Pack) -> None:
    def starts(*taken: str) -> bool:
        old = review(pack, "华法林钠片", *taken, birth_date=date(1940, 1, 1), conditions=())
        return "age/warfarin-start-elderly" in [alert.rule for alert in old.alerts]

    assert starts()
    assert not starts("华法林钠片")


def test_two_orders_of_one_product_are_a_duplicate(pack: Pack) -> None:
    drug = pack.formulary.resolve(name="苯磺酸氨氯地平片")
    found = evaluate(pack, Facts(Patient(medications=(Medication(drug),)), (Order("o1", drug), Order("o2", drug)), DAY))
    assert DUPLICATE in duplicates(found)
