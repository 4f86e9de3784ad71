"""What the gateway counts. Routes are those of its table of addresses, `unknown` for all others."""

from functools import cache
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
OTHER: Final = "other"
UNKNOWN_ROUTE: Final = "unknown"
SOCKET_ROUTE: Final = "/ws"
CLOSE_CODES: Final = frozenset({1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1011, 1012, 1013})
"""Those of the standard that are met; a client may make up its own."""

REQUESTS = Counter(
    "metarr_http_requests_total",
    "HTTP requests that were answered; 499: the client went first, a WebSocket counts when it ends",
    ["method", "route", "status"],
)
REQUEST_SECONDS = Histogram(
    "metarr_http_request_duration_seconds",
    "How long HTTP requests took to answer, WebSockets left out",
    ["method", "route"],
)
SOCKETS_OPEN = Gauge("metarr_websocket_connections", "WebSockets that are open")
FRAMES_SENT = Counter("metarr_websocket_messages_sent_total", "Messages sent to WebSocket clients")
SOCKETS_CLOSED = Counter(
    "metarr_websocket_closed_total",
    "WebSockets that ended, by close code: ours where we closed it, else the client's (1006: it went without one)",
    ["code"],
)


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """A request came to its end."""
    known = _known(method)
    _requests(known, route, status).inc()
    if route != SOCKET_ROUTE:
        _seconds(known, route).observe(seconds)


def refused(method: str, status: int) -> None:
    """A client was over a limit; it says nothing of how fast we are."""
    REQUESTS.labels(_known(method), UNKNOWN_ROUTE, status).inc()


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    # Looked up once: labels() checks and locks each time, and there are only so many words.
    return REQUESTS.labels(method, route, status)


@cache
def _seconds(method: str, route: str) -> Histogram:
    return REQUEST_SECONDS.labels(method, route)


def _known(method: str) -> str:
    return method if method in METHODS else OTHER


def socket_closed(code: int) -> None:
    """A socket is gone."""
    SOCKETS_OPEN.dec()
    SOCKETS_CLOSED.labels(code if code in CLOSE_CODES else OTHER).inc()
