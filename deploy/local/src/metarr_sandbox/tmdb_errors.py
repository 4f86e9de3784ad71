"""TMDB's documented errors: code, HTTP status, message."""

from collections.abc import Mapping

from metarr_sandbox.wire import Answer, html, to_bytes

ERRORS = {
    2: (501, "Invalid service: this service does not exist."),
    5: (422, "Invalid parameters: Your request parameters are incorrect."),
    6: (404, "Invalid id: The pre-requisite id is invalid or not found."),
    7: (401, "Invalid API key: You must be granted a valid key."),
    20: (422, "Invalid date range: Should be a range no longer than 14 days."),
    22: (400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    23: (400, "Invalid date: Format needs to be YYYY-MM-DD."),
    25: (429, "Your request count (41) is over the allowed limit of 40."),
    27: (400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: (404, "The resource you requested could not be found."),
    42: (405, "This request method is not supported for this resource."),
}


class TmdbError(Exception):
    """A request that TMDB refuses with one of its codes."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def answer(code: int, headers: Mapping[str, str] | None = None) -> Answer:
    """The error's body, in today's form with ``success``."""
    status, message = ERRORS[code]
    body = to_bytes({"success": False, "status_code": code, "status_message": message})
    usual = {"Content-Type": "application/json;charset=utf-8", "Server": "openresty", "Vary": "accept-encoding, Origin"}
    return Answer(status, body, usual | dict(headers or {}))


def throttled(form: str, retry_after: int) -> Answer:
    """429 as it was until 2019 (``retry_after``), as seen since (``bare``), or from the proxy in front (``html``)."""
    if form == "html":
        return html(429, "Too Many Requests", {"Server": "openresty", "X-Cache": "Error from cloudfront"})
    if form == "bare":
        return answer(25, {"X-Cache": "Error from cloudfront"})
    return answer(25, {"Retry-After": str(retry_after)})
