"""What Schemathesis cannot know of itself; it loads this module, as `SCHEMATHESIS_HOOKS` says."""

import json
from collections.abc import Collection, Mapping
from time import monotonic, sleep
from typing import Any

import requests
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from tests.e2e.client import AWAY, END_SECONDS

BAD_REQUEST = 400
SERVER_ERROR = 500
BEYOND_SCHEMAS = frozenset({"after", "cursor", "file"})
"""No schema can say which event is the last, which cursors were given out, and that the name of a form's other part may
hold nothing that no header can hold."""
RULES_OF_VALUES: Mapping[str, Collection[str]] = {
    # Neither a name nor an id, a year such as `next`, a title of blanks.
    "add_movie": {"rejected"},
    # The form of each field's value; a title of blanks.
    "change_movie": {"invalid_value"},
    # Text that is no list of films: a schema speaks of JSON.
    "import_movies": {"invalid_file"},
}
"""Codes of refusals that depend on more than the schema says, by operation."""
NOT_OVER_HTTP = "web_socket"

schemathesis.serializer.alias("application/x-ndjson", "text/plain")


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Who is not answered in time by something behind the gateway asks again, as every patient client does."""
    del context, case
    deadline = monotonic() + END_SECONDS
    while response.status_code == SERVER_ERROR and json.loads(response.content)["code"] in AWAY:
        if monotonic() > deadline:
            return
        sleep(0.1)
        with requests.Session() as session:
            again = Response.from_requests(session.send(response.request, timeout=END_SECONDS), verify=True)
        for name in Response.__slots__:
            setattr(response, name, getattr(again, name))


@schemathesis.check
def refused_for_a_reason(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """What fits the schema is refused by 400 only for what a schema cannot say, and never without a sentence."""
    del ctx
    operation = case.operation.definition.raw["operationId"]
    if response.status_code != BAD_REQUEST or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.method.upper() != case.operation.method.upper() or operation == NOT_OVER_HTTP:
        return
    refusal = json.loads(response.content)
    known = refusal["code"] == "invalid_request" and refusal.get("field") in BEYOND_SCHEMAS
    assert known or refusal["code"] in RULES_OF_VALUES.get(operation, ()), f"refused although it fits: {refusal}"
    assert refusal["error"].strip()
