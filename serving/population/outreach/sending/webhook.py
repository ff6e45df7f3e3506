"""Posting to the site's webhook: signed, over a verified connection, without redirects, within a time limit."""

import hashlib
import hmac
import ssl
from dataclasses import dataclass, field

import httpx

SECONDS = 10.0  # to connect, to send, to wait for the status
MEDIA = "application/fhir+json"


class NotTaken(OSError):
    """The receiver is away, or did not answer with 2xx; the text is a code without content."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver. Its certificate must be valid for the machine's authorities, or those SSL_CERT_FILE names."""

    url: str
    secret: bytes = field(repr=False)

    def post(self, body: bytes, key: str, timestamp: int) -> None:
        """Deliver once. NotTaken says why not; after a lost answer nobody knows, so the receiver looks at the key."""
        headers = {
            "content-type": MEDIA,
            "idempotency-key": key,
            "cdss-timestamp": str(timestamp),
            "cdss-signature": signature(self.secret, timestamp, body),
        }
        try:
            with self._client() as client, client.stream("POST", self.url, content=body, headers=headers) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as e:
            raise NotTaken(type(e).__name__) from e
        if not 200 <= status < 300:
            raise NotTaken(f"HTTP {status}")

    def _client(self) -> httpx.Client:
        """Neither proxies nor passwords are taken from the environment."""
        return httpx.Client(
            verify=ssl.create_default_context(), timeout=SECONDS, follow_redirects=False, trust_env=False
        )


def signature(secret: bytes, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp (seconds since 1970), a full stop, and the body."""
    return "v1=" + hmac.new(secret, str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()
