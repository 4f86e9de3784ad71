"""A request to a provider and its response, as values; what is secret in a request is kept apart and never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlencode

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A GET request. `path` begins with a slash and is below the provider's base URL."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """The request as it may stand in a log."""
        shown = {**self.query, **dict.fromkeys(self.secret_query, HIDDEN)}
        return f"GET {self.path}" + (f"?{urlencode(shown, safe='*')}" if shown else "")

    def redact(self, text: str) -> str:
        """The text without the secrets of this request, in whatever form a URL or a header holds them."""
        for secret in (*self.secret_query.values(), *self.secret_headers.values()):
            bare = secret.removeprefix("Bearer ")
            forms = {secret, bare, quote(bare), quote(bare, safe=""), quote_plus(bare)} - {""}
            for form in sorted(forms, key=len, reverse=True):
                text = text.replace(form, HIDDEN)
        return text


@dataclass(frozen=True, slots=True)
class Response:
    """A response; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
