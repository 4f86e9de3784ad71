"""How a short command is answered: `metarr.lib.<verb>` is request/reply, refusals have the codes of HTTP."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from metarr_chassis import correlation
from metarr_chassis.errors import RefusedError
from metarr_chassis.micro import Endpoint
from metarr_contracts import subjects
from metarr_contracts.base import Value
from metarr_enricher.cause import Cause
from metarr_enricher.rule_errors import RuleError

STATUS = {
    "movie_not_found": 404,
    "job_not_found": 404,
    "job_ended": 409,
    "id_conflict": 409,
    "unknown_field": 400,
    "invalid_value": 400,
}

R = TypeVar("R", bound=Value)


def endpoint(verb: str, request: type[R], handle: Callable[[R], Awaitable[Value]]) -> Endpoint:
    """The endpoint of a verb: reads the request, answers, and says which rule was broken."""

    async def answer(payload: bytes) -> bytes:
        try:
            return (await handle(request.model_validate_json(payload or b"{}"))).to_json()
        except RuleError as error:
            raise RefusedError(
                STATUS[error.code], str(error), error.code, error.field, movie_id=error.movie_id
            ) from error

    return Endpoint(name=verb, subject=subjects.library(verb), handle=answer)


def new_cause(verb: str) -> Cause:
    """A command that came just now; repeated, it is another one."""
    return Cause(f"{verb}/{uuid4().hex}", correlation.current())
