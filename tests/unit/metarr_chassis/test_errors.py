"""How errors travel between services, and how they are said."""

import pytest
from pydantic import ValidationError

from metarr_chassis.bus import _raise_refusal
from metarr_chassis.errors import RefusedError
from metarr_chassis.health import Readiness, readyz
from metarr_chassis.micro import invalid
from metarr_contracts.library import IdentifyMovie, Refused


def test_a_refusal_arrives_as_it_was_said() -> None:
    """Status, sentence, code and field."""
    body = Refused(error="movieId: Movie not found", code="movie_not_found", field="movieId").to_json()
    with pytest.raises(RefusedError) as refused:
        _raise_refusal({"Nats-Service-Error-Code": "404", "Nats-Service-Error": "Movie not found"}, body)
    assert (refused.value.status, refused.value.refused.code, refused.value.refused.field) == (
        404,
        "movie_not_found",
        "movieId",
    )


def test_a_refusal_without_our_body_is_an_internal_error() -> None:
    """Another program's micro service says its sentence in the header."""
    with pytest.raises(RefusedError, match="Out of order") as refused:
        _raise_refusal({"Nats-Service-Error-Code": "500", "Nats-Service-Error": "Out of order"}, b"")
    assert refused.value.refused.code == "internal_error"


def test_an_answer_without_the_header_is_no_refusal() -> None:
    """Whatever its body says."""
    _raise_refusal({}, b'{"error": "A", "code": "B"}')


def test_a_body_that_does_not_fit_is_said_for_a_person() -> None:
    """The first problem, with the field's name on the wire and without what was sent."""
    with pytest.raises(ValidationError) as wrong:
        IdentifyMovie.model_validate_json('{"movieId": "secret"}')
    refusal = invalid(wrong.value)
    assert (refusal.status, refusal.refused.code, refusal.refused.field) == (400, "invalid_request", "movieId")
    assert refusal.refused.error.startswith("movieId: Input should be a valid integer")
    assert "secret" not in refusal.refused.error


def test_readiness_says_what_is_missing() -> None:
    """503 and the reason, until every part can work."""
    readiness = Readiness()
    readiness.set("service", ready=False)
    readiness.set("database", ready=False, why="connection refused")
    readiness.set("service", ready=True)
    assert readiness.problems() == {"database": "connection refused"}
    assert readyz(readiness).status == 503
    readiness.set("database", ready=True)
    assert readyz(readiness).status == 200
