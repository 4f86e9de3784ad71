"""Pages of what happened, newest first: runs and the nights that were left out. Pure."""

import base64
from typing import Annotated

from pydantic import Field

from metarr_contracts.base import Value
from metarr_contracts.readmodels import ActivityQuery
from metarr_projector.listing import InvalidQueryError, Statement

TOTAL = "SELECT (SELECT count(*) FROM live.run) + (SELECT count(*) FROM live.night) AS count"
PAGE = """SELECT * FROM (
    SELECT activity_id, status, job_id, trigger, force, scheduled_for, started_at, completed_at, total, processed,
        skipped, failed, remaining, looked_at, providers, limits, resume_from, error
    FROM live.run
    UNION ALL
    SELECT activity_id, status, job_id, 'schedule', false, due, noted_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        '[]', '{}', NULL, NULL
    FROM live.night
) AS activity"""


class Cursor(Value):
    """The last activity of a page: the next page begins after it."""

    before: Annotated[int, Field(strict=True, ge=1, lt=2**63)]


def page(query: ActivityQuery) -> Statement:
    """The statement of a page. It takes one activity more than the page holds, to know whether there is another.

    Raises:
        InvalidQueryError: the cursor is not one that was given out.
    """
    if query.cursor is None:
        return Statement(f"{PAGE} ORDER BY activity_id DESC LIMIT $1", [query.limit + 1])
    return Statement(
        f"{PAGE} WHERE activity_id < $1 ORDER BY activity_id DESC LIMIT $2",
        [_read_cursor(query.cursor), query.limit + 1],
    )


def _read_cursor(text: str) -> int:
    try:
        return Cursor.model_validate_json(base64.urlsafe_b64decode(text)).before
    except ValueError as error:
        raise InvalidQueryError("cursor", "cursor is not one that was given out") from error


def write_cursor(activity_id: int) -> str:
    """The cursor of the page after this activity."""
    return base64.urlsafe_b64encode(Cursor(before=activity_id).to_json()).decode()
