"""Around every request: failures become JSON, and one line is logged."""

from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_gateway import metrics
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import ACCESS, PARTING
from metarr_gateway.responses import fail

log = structlog.get_logger()

QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/assets/{file}", "/{file}"})
HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "unsupported_media_type"}
SERVER_ERROR = 500


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is not admitted is refused, counted and logged, and nothing more is done for it."""
    refusal = request.app[ACCESS].refusal(request)
    if refusal is None:
        return await handler(request)

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return fail(refusal)

    return await log_request(request, refuse)


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request and its figures, with the route and not the address: a search is nobody's business."""
    started = perf_counter()
    status = 499
    try:
        response = await handler(request)
        status = response.status
        if request.app[PARTING].is_set():
            response.force_close()
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else metrics.UNKNOWN_ROUTE
        write = log.debug if route in QUIET else log.info
        took = perf_counter() - started
        metrics.answered(request.method, route, status, took)
        write("request", method=request.method, route=route, status=status, ms=round(took * 1000, 1))
    return response


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is answered in the one form of failures."""
    try:
        return await handler(request)
    except Exception as error:
        if isinstance(error, web.HTTPException) and error.status < 400:  # noqa: PLR2004 - where errors begin
            raise
        failure = failure_of(error)
        if failure.code == "internal_error" and not isinstance(error, RefusedError):
            log.exception("request failed", method=request.method)
        elif failure.http_status >= SERVER_ERROR:
            log.warning("request failed", code=failure.code, cause=str(error.__cause__ or error))
        return fail(failure)


def failure_of(error: Exception) -> ApiError:
    """The table from what was raised to what is answered."""
    match error:
        case ApiError():
            return error
        case RefusedError(refused=refused):
            # To a caller a service that is busy and one that is broken are the same.
            status = min(error.status, SERVER_ERROR)
            return ApiError(refused.code, refused.error, refused.field, movie_id=refused.movie_id, status=status)
        case BusUnavailableError():
            return ApiError("bus_unavailable")
        case web.HTTPException():
            return _http_failure(error)
        case web.RequestPayloadError():
            return ApiError("invalid_request", "The body broke off or is not encoded as its headers say")
        case _:
            return ApiError("internal_error")


def _http_failure(error: web.HTTPException) -> ApiError:
    if error.status >= SERVER_ERROR:
        return ApiError("internal_error")
    allow = {name: value for name, value in error.headers.items() if name.lower() == "allow"}
    if error.status in HTTP_CODES:
        return ApiError(HTTP_CODES[error.status], headers=allow)
    return ApiError("invalid_request", error.reason, status=error.status)
