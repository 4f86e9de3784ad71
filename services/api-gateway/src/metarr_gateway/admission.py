"""Whether a request is answered at all: by which name it calls us, from which page it comes, who sends it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from metarr_gateway import sessions
from metarr_gateway.api_key import ApiKey
from metarr_gateway.errors import ApiError
from metarr_gateway.hosts import Authority, cannot_be_rebound, is_same_site

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SOCKET: Final = "/ws"
ASKED_BY_MACHINES: Final = frozenset({"/healthz", "/readyz"})
"""A load balancer calls us by whatever name or address it has; there is nothing in these that anybody gains by."""
CHALLENGE: Final = {"WWW-Authenticate": "ApiKey"}


@dataclass(slots=True)  # Made for each request, and three times as costly if it were frozen.
class Asked:
    """Of a request what decides; `hosts` and `origins` are all headers of the name, `fetch_site` is Sec-Fetch-Site.

    Attributes:
        path: Of the route, with its parameters' names; None where there is nothing.
        is_open: Whether the route asks for no credentials.
    """

    method: str
    path: str | None
    is_open: bool
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    fetch_site: str | None = None
    api_key: str | None = field(default=None, repr=False)
    cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Admission:
    """The rules of a server.

    Attributes:
        key: None: nobody is asked for one.
        allowed_hosts: Names that were given; None: none were.
        own_names: What the machine is called.
    """

    key: ApiKey | None
    allowed_hosts: frozenset[str] | None
    own_names: frozenset[str]

    def refusal(self, asked: Asked, now: datetime) -> ApiError | None:
        """Why the request is not answered; None: it is."""
        if asked.path not in ASKED_BY_MACHINES and not self._host_allowed(asked):
            return ApiError("host_not_allowed")
        if may_do_harm(asked.method, asked.path) and not self._origin_allowed(asked):
            return ApiError("origin_not_allowed")
        if asked.is_open or self.is_known(asked, now):
            return None
        return ApiError("not_signed_in" if asked.api_key is None else "wrong_api_key", headers=CHALLENGE)

    def is_known(self, asked: Asked, now: datetime) -> bool:
        """Tell whether whoever asks may have everything; a key that is sent has to be right, whatever the cookie."""
        if self.key is None:
            return True
        if asked.api_key is not None:
            return self.key.is_known_to(asked.api_key)
        return asked.cookie is not None and sessions.is_valid(asked.cookie, self.key, now)

    def _host_allowed(self, asked: Asked) -> bool:
        if self.allowed_hosts is None and self.key is not None:
            # Whose name leads here by a trick gets no cookie of ours along with it.
            return True
        if not asked.hosts:
            # No browser leaves it out.
            return True
        host = _host(asked)
        return host is not None and (
            cannot_be_rebound(host.name)
            or host.name in (self.own_names if self.allowed_hosts is None else self.allowed_hosts)
        )

    def _origin_allowed(self, asked: Asked) -> bool:
        if not asked.origins:
            return asked.fetch_site != "cross-site"
        trusted = self.allowed_hosts or frozenset()
        return all(is_same_site(origin, _host(asked), trusted) for origin in asked.origins)


def may_do_harm(method: str, path: str | None) -> bool:
    """Tell whether a page of another site could change something by it, or read the answer all the same."""
    return method not in SAFE_METHODS or path == SOCKET


def _host(asked: Asked) -> Authority | None:
    """The one host that is called; None where there is none, or several."""
    return Authority.parse(asked.hosts[0]) if len(asked.hosts) == 1 else None
