"""Never two reminders for the same thing, whatever is assessed, sent, broken or left lying, in whatever order."""

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from outreach import UNDECIDED, House, house

from cdss.serving.population.outreach.remember import handled
from cdss.serving.population.outreach.sending import outbox
from cdss.serving.population.worklist import store
from cdss.serving.population.worklist.agenda import Handled, How

RULES = ("pathway/bp-control", "pathway/visit-overdue", "pathway/bp-emergency")
DAYS = {"pathway/bp-control": 14, "pathway/visit-overdue": 7, "pathway/bp-emergency": 0}
SEVERITY = {"pathway/bp-emergency": "avoid"}
PEOPLE = ("a", "b")
LIMIT, AGAIN_DAYS = 2, 14


class Outreach(RuleBasedStateMachine):
    """Steps in any order; after each, what went out is compared with what may."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house: House = house(Path(self.folder.name), remind_limit=LIMIT, remind_again_days=AGAIN_DAYS)
        self.opted_out: set[str] = set()
        self.sent_before = 0
        self.may_have_gone_out: set[str] = set()

    @rule(who=st.sampled_from(PEOPLE), said=st.sets(st.sampled_from(RULES)), undecided=st.booleans(),
          times=st.integers(1, 2))  # fmt: skip
    def assess(self, who: str, said: set[str], undecided: bool, times: int) -> None:
        """The same table may be scored twice."""
        rules = [(name, SEVERITY.get(name, "precaution"), DAYS[name]) for name in sorted(said)]
        unchecked = (UNDECIDED,) if undecided and UNDECIDED.rule not in said else ()
        for _ in range(times):
            self.house.says(who, *rules, unchecked=unchecked)  # type: ignore[arg-type]

    @rule()
    def send(self) -> None:
        self.house.round()

    @rule()
    def send_to_a_broken_sender(self) -> None:
        self.house.broken = True
        self.house.round()
        self.house.broken = False

    @rule(hours=st.sampled_from([1, 5, 11, 24, 24 * 13, 24 * 30]))
    def wait(self, hours: int) -> None:
        self.house.later(hours=hours)

    @rule(who=st.sampled_from(PEOPLE), of=st.sampled_from(RULES), how=st.sampled_from(["done", "unsuitable", None]))
    def handle(self, who: str, of: str, how: How | None) -> None:
        """The doctor handles advice on the worklist, or opens it again."""
        what = Handled(how, self.house.now.isoformat(), "Dr W") if how else None
        with self.house.engine.begin() as connection:
            if store.handle(connection, who, of, what):
                handled(connection, who, of, how, self.house.now, self.house.settings)

    @rule()
    def die_while_sending(self) -> None:
        """A worker takes letters and is gone; whether they went out nobody knows. The others go on after its lease."""
        claim = outbox.claim(self.house.engine, "text", self.house.now, self.house.post().quiet)
        if claim and claim.recipient == "resident":
            self.may_have_gone_out.add(claim.key)
        self.house.later(seconds=outbox.LEASE_SECONDS)
        self.house.round()

    @rule(who=st.sampled_from(PEOPLE))
    def opt_out(self, who: str) -> None:
        self.house.opt(who, True)
        self.opted_out.add(who)

    @precondition(lambda self: self.opted_out)
    @rule()
    def opt_in(self) -> None:
        self.house.opt(self.opted_out.pop(), False)

    @invariant()
    def no_text_twice(self) -> None:
        """A key goes out once; an episode is told at most LIMIT times, and after the first only when overdue."""
        assert max(Counter(message.key for message in self.house.sent).values(), default=0) <= 1
        told = Counter(
            of
            for of, channel, to, state in self.house.letters("reminder_id", "channel", "recipient", "state")
            if (channel, to, state) == ("text", "resident", "sent")
        )
        assert max(told.values(), default=0) <= LIMIT
        assert not self.may_have_gone_out & {message.key for message in self.house.to_residents()}

    @invariant()
    def nobody_is_disturbed(self) -> None:
        """Nothing went out in this step to those who want none, nor in quiet hours but an emergency to the doctor."""
        fresh, self.sent_before = self.house.sent[self.sent_before :], len(self.house.sent)
        quiet = self.house.now.hour >= 21 or self.house.now.hour < 8
        for message in fresh:
            assert message.to == "doctor" or (message.resident_id not in self.opted_out and not quiet)

    @invariant()
    def one_open_reminder_a_rule(self) -> None:
        states = self.house.reminders("resident_id", "rule", "state")
        assert max(Counter((who, of) for who, of, state in states if state == "open").values(), default=0) <= 1

    def teardown(self) -> None:
        self.house.engine.dispose()
        self.folder.cleanup()


TestOutreach = Outreach.TestCase
TestOutreach.settings = settings(stateful_step_count=20, max_examples=settings().max_examples // 5)


def test_a_second_text_comes_when_overdue_and_a_third_never(home: House) -> None:
    """Scored every day for 90 days: due on day 7, told on day 0 and on day 7 + 14."""
    days = []
    for day in range(90):
        home.says("a", ("pathway/visit-overdue", "consider", 7 - min(day, 0)))
        home.round()
        days += [day] * (len(home.to_residents()) - len(days))
        home.now += timedelta(days=1)
    assert days == [0, 21]


def test_five_things_are_one_text(home: House) -> None:
    home.says("a", *((f"pathway/{number}", "precaution", 10 + number) for number in range(5)))
    home.round()
    (message,) = home.to_residents()
    assert "by 5 December 2026" in message.text, "the earliest of the dates"
    assert set(home.letters("state")) == {"sent"}
