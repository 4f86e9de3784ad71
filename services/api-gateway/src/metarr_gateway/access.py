"""Who may ask what, now: the rules with the key of this moment, and a request as they see it."""

import socket
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

from aiohttp import web

from metarr_gateway import sessions
from metarr_gateway.admission import Admission, Asked
from metarr_gateway.api_key import ApiKey
from metarr_gateway.errors import ApiError
from metarr_gateway.hosts import names_of
from metarr_gateway.key_file import read_key
from metarr_gateway.routes import OPEN_PATHS
from metarr_gateway.settings import GatewaySettings


class Access:
    """The rules; the key among them may change."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    @classmethod
    def of(cls, settings: GatewaySettings) -> Self:
        """As the settings say. Reads the key's file; raises what `read_key` does."""
        key = None if settings.api_key_file is None else read_key(settings.api_key_file)
        return cls(Admission(key, settings.allowed_hosts, names_of(socket.gethostname())))

    @property
    def key(self) -> ApiKey | None:
        """The key that counts; None: nobody is asked for one."""
        return self._admission.key

    def replace_key(self, key: ApiKey) -> None:
        """From now on this is the key."""
        self._admission = replace(self._admission, key=key)

    def refusal(self, request: web.Request) -> ApiError | None:
        """Why this request is not answered; None: it is."""
        return self._admission.refusal(_asked(request), datetime.now(UTC))

    def is_known(self, request: web.Request) -> bool:
        """Tell whether who sends this may have everything."""
        return self._admission.is_known(_asked(request), datetime.now(UTC))


def came_by_https(request: web.Request) -> bool:
    """Tell whether the client speaks TLS, with us or with a proxy before us."""
    forwarded = request.headers.get("X-Forwarded-Proto", "").partition(",")[0]
    return request.secure or forwarded.strip().lower() == "https"


def _asked(request: web.Request) -> Asked:
    resource = request.match_info.route.resource
    path = resource.canonical if resource else None
    return Asked(
        method=request.method,
        path=path,
        is_open=path in OPEN_PATHS,
        hosts=request.headers.getall("Host", ()),
        origins=request.headers.getall("Origin", ()),
        fetch_site=request.headers.get("Sec-Fetch-Site"),
        api_key=request.headers.get("X-Api-Key"),
        cookie=request.cookies.get(sessions.COOKIE),
    )
