"""Reads what a WebSocket client sent; what cannot be read becomes an error frame that names the field. Pure."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import from_json

from metarr_contracts.websocket import CLIENT_FRAME, ErrorFrame, Ping, Subscribe, Unsubscribe
from metarr_gateway.parsing import problem

CHANNEL_OF_FILMS: Final = "movie:enrichment"
CHANNEL_OF_RUNS: Final = "bulk:enrichment"


def parse_frame(text: str) -> Subscribe | Unsubscribe | Ping | ErrorFrame:
    """The frame, or the error frame that answers it."""
    try:
        from_json(text)
    except ValueError as error:
        return ErrorFrame(error=f"The frame is not valid JSON: {error}", code="invalid_json")
    try:
        frame = CLIENT_FRAME.validate_json(text, strict=True)
    except ValidationError as error:
        return _invalid(error)
    if not isinstance(frame, Ping) and frame.channel != CHANNEL_OF_FILMS and frame.movie_id is not None:
        return ErrorFrame(error=f"movieId: {frame.channel} is not about one film", code="invalid_frame")
    return frame


def _invalid(error: ValidationError) -> ErrorFrame:
    details = error.errors(include_input=False, include_url=False)[0]
    if details["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return ErrorFrame(error="type: expected subscribe, unsubscribe or ping", code="invalid_frame")
    # The first part of the location is the frame's type, by which the model was chosen.
    details["loc"] = details["loc"][1:]
    return ErrorFrame(error=problem(details)[0], code="invalid_frame")
