"""A request to a provider and its response, as values; what is secret in a request is kept apart and never shown."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlencode

from metarr_contracts.fields import ProviderName

HIDDEN = "***"
LEAST_SECRET = 8
"""Characters of the shortest key of any provider; what is shorter would be found in words."""
NOTHING = rb"(?!)"


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A GET request. `path` begins with a slash and is below the provider's base URL; it holds nothing secret."""

    provider: ProviderName
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """The request as it may stand in a log."""
        shown = {**self.query, **dict.fromkeys(self.secret_query, HIDDEN)}
        return f"GET {self.path}" + (f"?{urlencode(shown, safe='*')}" if shown else "")

    def redacted(self, response: "Response") -> "Response":
        """The response without the secrets of this request: some servers repeat what they were asked with.

        It is done before anything is read of it, since what is read is cut off somewhere, kept and shown.
        """
        secrets = {*self.secret_query.values(), *self.secret_headers.values()}
        bare = frozenset(secret.removeprefix("Bearer ") for secret in secrets)
        pattern = _written(frozenset(secret for secret in bare if len(secret) >= LEAST_SECRET))
        return replace(response, body=pattern.sub(HIDDEN.encode(), response.body))


@dataclass(frozen=True, slots=True)
class Response:
    """A response; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@lru_cache(maxsize=16)
def _written(secrets: frozenset[str]) -> re.Pattern[bytes]:
    """Finds these as they are, and as a URL, JSON or a page writes them; the longest first."""
    ordered = sorted(secrets, key=len, reverse=True)
    texts = (b"".join(b"(?:%b)" % b"|".join(_forms(sign)) for sign in secret) for secret in ordered)
    return re.compile(b"|".join(texts) or NOTHING)


def _forms(sign: str) -> Iterator[bytes]:
    """Patterns of the ways to write one character."""
    plain = sign.encode()
    escaped = "".join(f"%{byte:02X}" for byte in plain).encode()
    forms = {plain, escaped, escaped.lower(), html.escape(sign).encode(), json.dumps(sign)[1:-1].encode()}
    forms |= {f"\\u{ord(sign):04x}".encode(), f"\\u{ord(sign):04X}".encode(), rb"\%b" % plain}
    forms |= {b"+"} if sign == " " else set()
    yield from (re.escape(form) for form in sorted(forms, key=len, reverse=True))
