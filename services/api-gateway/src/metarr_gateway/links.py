"""Which operations go on from an answer, for programs that read the OpenAPI document. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

FILM = "$response.body#/data/movieId"
JOB = "$response.body#/data/jobId"
OF_A_FILM = (
    "get_movie",
    "movie_status",
    "movie_history",
    "enrich_movie",
    "change_movie",
    "identify_movie",
    "movie_picture",
    "remove_movie",
)
OF_A_JOB = ("get_job", "cancel_job")
NEXT: Mapping[str, tuple[str, Sequence[str]]] = {
    "add_movie": (FILM, OF_A_FILM),
    "enrich_movie": (JOB, OF_A_JOB),
    "run_bulk": (JOB, OF_A_JOB),
}
"""By operation: where its answer holds the id that these operations take."""


def links(operation: str) -> dict[str, Any]:
    """The links of an answer that worked, by the operation that they lead to."""
    place, following = NEXT.get(operation, ("", ()))
    return {name: {"operationId": name, "parameters": {"id": place}} for name in following}
