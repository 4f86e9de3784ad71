"""What a client makes up is no label."""

from prometheus_client import REGISTRY

from metarr_gateway.metrics import SOCKETS_OPEN, answered, socket_closed

NEW = "/test/{id}"


def requests(**labels: str) -> float:
    """How many are counted."""
    return REGISTRY.get_sample_value("metarr_http_requests_total", labels) or 0


def test_a_method_that_does_not_exist_is_another_one() -> None:
    """Or anybody could make as many series as they like."""
    answered("GET", NEW, 200, 0.1)
    answered("BREW-42", NEW, 405, 0.1)
    answered("BREW-43", NEW, 405, 0.1)
    assert requests(method="GET", route=NEW, status="200") == 1
    assert requests(method="other", route=NEW, status="405") == 2


def test_a_socket_is_counted_and_not_timed() -> None:
    """It lasts for hours, and no request of the API is as slow as that."""
    before = requests(method="GET", route="/ws", status="101")
    answered("GET", "/ws", 101, 3_600)
    assert requests(method="GET", route="/ws", status="101") == before + 1
    timed = {"method": "GET", "route": "/ws"}
    assert REGISTRY.get_sample_value("metarr_http_request_duration_seconds_count", timed) is None


def test_a_close_code_of_no_standard_is_another_one() -> None:
    """There are thousands that a client may send."""

    def closed(code: str) -> float:
        return REGISTRY.get_sample_value("metarr_websocket_closed_total", {"code": code}) or 0

    before = closed("1001"), closed("other")
    for code in (1001, 4321, 4322):
        SOCKETS_OPEN.inc()
        socket_closed(code)
    assert (closed("1001") - before[0], closed("other") - before[1]) == (1, 2)
    assert closed("4321") == 0
