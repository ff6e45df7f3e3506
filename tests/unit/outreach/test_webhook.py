"""The webhook: signed, tried again, never redirected, a dead letter at last."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from outreach import House, said
from pydantic import ValidationError

import cdss.serving.population.outreach as room
from cdss.serving.platform.config import Settings, is_safe_url
from cdss.serving.population.outreach.remember import handled
from cdss.serving.population.outreach.sending import outbox
from cdss.serving.population.outreach.sending.webhook import NotTaken, Webhook

SECRET = "correct horse battery"
BP = ("pathway/bp-control", "precaution", 14)
EMERGENCY = ("pathway/bp-emergency", "avoid", 0)


@dataclass
class Receiver:
    """A hospital's system: answers `status`, keeps what it was posted."""

    status: int = 204
    got: list[tuple[Message, bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def bundles(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            one.got.append((self.headers, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(one.status)
            if one.status == 307:
                self.send_header("location", f"{one.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_address[1]}/reminders"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield one
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(make_house: Callable[..., House], receiver: Receiver) -> House:
    return make_house(webhook_url=receiver.url, webhook_secret=SECRET)


def the_readmes_verifier() -> Callable[..., bool]:
    """The function that the README gives to receivers, as it stands there."""
    readme = (Path(room.__file__).parent / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    verified: Callable[..., bool] = names["verified"]
    return verified


def test_a_reminder_is_posted_signed_as_the_readme_says(home: House, receiver: Receiver) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    home.round()
    ((headers, body),) = receiver.got
    stamp, signed, verified = headers["cdss-timestamp"], headers["cdss-signature"], the_readmes_verifier()
    then = int(stamp)
    assert headers["content-type"] == "application/fhir+json"
    assert verified(SECRET, stamp, signed, body, then)
    assert not verified(SECRET + "x", stamp, signed, body, then)
    assert not verified(SECRET, stamp, signed, body + b" ", then)
    assert not verified(SECRET, str(then + 1), signed, body, then)
    assert not verified(SECRET, stamp, signed, body, then + 301), "replayed after five minutes"


def test_it_holds_the_task_the_flag_the_text_and_the_risks(home: House, receiver: Receiver) -> None:
    home.says("a", BP, models=(said(),))  # type: ignore[arg-type]
    home.round()
    (bundle,) = receiver.bundles
    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert (bundle["type"], kinds) == ("collection", ["Task", "Flag", "CommunicationRequest", "RiskAssessment"])
    assert len({one["fullUrl"] for one in bundle["entry"]}) == 4


def test_what_is_resolved_is_posted_as_completed(home: House, receiver: Receiver) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    home.round()
    home.says("a")
    home.round()
    tasks = [bundle["entry"][0]["resource"] for bundle in receiver.bundles]
    assert [task["status"] for task in tasks] == ["requested", "completed"]
    assert len({task["id"] for task in tasks}) == 1
    assert len({headers["idempotency-key"] for headers, _ in receiver.got}) == 2


def test_a_doctor_who_changes_their_mind_within_a_second_is_posted(home: House, receiver: Receiver) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    for how in ("done", None, "done"):
        home.later(milliseconds=100)
        with home.engine.begin() as connection:
            handled(connection, "a", BP[0], how, home.now, home.settings)
    home.round()
    assert {bundle["entry"][0]["resource"]["status"] for bundle in receiver.bundles} == {"completed"}
    assert len({headers["idempotency-key"] for headers, _ in receiver.got}) == len(receiver.got)


def test_a_receiver_that_is_ill_is_asked_again_with_the_same_key(home: House, receiver: Receiver) -> None:
    receiver.status = 503
    home.says("a", BP)  # type: ignore[arg-type]
    assert home.round() == {"sent": 1, "later": 1}, "the text goes out, the post waits"
    home.later(seconds=1)
    receiver.status = 200
    assert home.round() == {"sent": 1}
    assert len({headers["idempotency-key"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_a_receiver_that_is_ill_is_asked_once_a_round_not_for_each_resident(home: House, receiver: Receiver) -> None:
    receiver.status = 503
    for who in "abcde":
        home.says(who, BP)  # type: ignore[arg-type]
    home.round()
    assert len(receiver.got) == 1


def test_at_last_it_is_a_dead_letter_that_a_person_can_revive(
    make_house: Callable[..., House], receiver: Receiver
) -> None:
    home = make_house(webhook_url=receiver.url, webhook_secret=SECRET, outreach_retry_limit=2)
    receiver.status = 500
    home.says("a", BP)  # type: ignore[arg-type]
    for _ in range(2):
        home.round()
        home.later(minutes=1)
    states = dict(zip(home.letters("channel"), home.letters("state", "error"), strict=True))
    assert states["webhook"] == ("failed", "HTTP 500")
    assert sorted(home.audited("reminder")) == ["failed", "sent"]
    receiver.status = 200
    with home.engine.begin() as connection:
        outbox.retry(connection, home.now)
    assert home.round() == {"sent": 1}


def test_a_worker_that_died_after_posting_posts_again_with_the_same_key(home: House, receiver: Receiver) -> None:
    """At least once: nobody knows whether the first arrived, and the receiver knows the key."""
    home.says("a", BP)  # type: ignore[arg-type]
    claim = outbox.claim(home.engine, "webhook", home.now, home.post().quiet)
    assert claim is not None
    home.post().channels["webhook"](claim, [], home.now)
    home.later(seconds=outbox.LEASE_SECONDS)
    home.round()
    assert {headers["idempotency-key"] for headers, _ in receiver.got} == {claim.key}
    assert len(receiver.got) == 2


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status = 307
    with pytest.raises(NotTaken, match=r"^HTTP 307$"):
        Webhook(receiver.url, b"x" * 16).post(b"{}", "k", 1)
    assert len(receiver.got) == 1


def test_a_receiver_without_a_valid_certificate_gets_nothing(receiver: Receiver) -> None:
    with pytest.raises(NotTaken, match=r"^ConnectError$"):
        Webhook(receiver.url.replace("http://", "https://"), b"x" * 16).post(b"{}", "k", 1)
    assert receiver.got == []


def test_an_emergency_is_posted_in_quiet_hours_and_the_rest_after_them(home: House, receiver: Receiver) -> None:
    home.later(hours=10)
    home.says("a", BP)  # type: ignore[arg-type]
    home.says("b", EMERGENCY)  # type: ignore[arg-type]
    home.round()
    (bundle,) = receiver.bundles
    assert bundle["entry"][0]["resource"]["priority"] == "stat"
    home.later(hours=10)
    home.round()
    assert len(receiver.got) == 2


def test_after_an_opt_out_no_text_is_asked_for_but_the_task_goes_on(home: House, receiver: Receiver) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    home.opt("a", True)
    home.round()
    (bundle,) = receiver.bundles
    states = {one["resource"]["resourceType"]: one["resource"]["status"] for one in bundle["entry"]}
    assert (states["Task"], states["CommunicationRequest"]) == ("requested", "revoked")


URLS = [
    ("https://his.example/hook",        True),
    ("http://127.0.0.1:8080/hook",      True),
    ("http://[::1]/hook",               True),
    ("http://localhost/hook",           True),
    ("http://his.example/hook",         False),
    ("http://192.168.1.9/hook",         False),
    ("http://127.0.0.1.example/hook",   False),
    ("http://127.0.0.1@his.example/",   False),
    ("http://localhost\\@his.example/", False),
    ("https://user:pass@his.example/",  False),
    ("https://his.example/#a",          False),
    ("ftp://127.0.0.1/",                False),
    ("https://",                        False),
    ("https://his.example:99999/",      False),
    ("https://his.example/ b",          False),
    ("his.example",                     False),
]  # fmt: skip


@pytest.mark.parametrize(("url", "safe"), URLS)
def test_patient_data_is_posted_over_tls_or_to_this_machine(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_webhook_without_a_good_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError, match="CDSS_WEBHOOK_SECRET of at least 16 characters"):
        Settings(webhook_url="https://his.example/hook", webhook_secret=secret)  # type: ignore[arg-type]


def test_the_secret_is_never_shown(home: House) -> None:
    shown = repr(home.settings) + str(home.settings) + repr(Webhook("https://x", SECRET.encode()))
    assert SECRET not in shown
