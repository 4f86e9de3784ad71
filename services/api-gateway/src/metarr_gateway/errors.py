"""What can go wrong for a caller: one table of stable codes, their HTTP status and the sentence for a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from metarr_contracts.http import Failure


@dataclass(frozen=True)
class Kind:
    """A way to fail. `error` is the usual sentence; a failure may say it more exactly."""

    status: int
    error: str


KINDS: Mapping[str, Kind] = {
    "invalid_request": Kind(400, "The request is not valid"),
    "invalid_json": Kind(400, "The body is not valid JSON"),
    "invalid_file": Kind(400, "The file cannot be read as a list of films"),
    "rejected": Kind(400, "The film was not accepted"),
    "not_signed_in": Kind(401, "Sign in first, or send the key as X-Api-Key"),
    "wrong_api_key": Kind(401, "This is not the key"),
    "host_not_allowed": Kind(403, "Nobody said that this server has that name; METARR_ALLOWED_HOSTS lists its names"),
    "origin_not_allowed": Kind(403, "Pages of other sites may not do this; METARR_ALLOWED_HOSTS lists those that may"),
    "movie_not_found": Kind(404, "Movie not found"),
    "job_not_found": Kind(404, "Job not found"),
    "provider_not_found": Kind(404, "There is no provider of this name"),
    "picture_not_found": Kind(404, "There is no such picture"),
    "not_found": Kind(404, "There is nothing at this address"),
    "method_not_allowed": Kind(405, "This address does not know that method"),
    "request_timeout": Kind(408, "The request took too long to come"),
    "enrichment_in_progress": Kind(409, "Enrichment already in progress for this movie"),
    "bulk_already_running": Kind(409, "Bulk enrichment already running"),
    "provider_off": Kind(409, "The provider has no key"),
    "provider_still_limited": Kind(409, "The provider's quota is still used up"),
    "provider_key_refused": Kind(409, "The provider does not accept the key"),
    "provider_unavailable": Kind(409, "The provider does not answer"),
    "id_conflict": Kind(409, "Another film of the library has this id"),
    "job_ended": Kind(409, "The job has already ended"),
    "body_too_large": Kind(413, "The body is too large"),
    "unsupported_media_type": Kind(415, "This kind of body is not understood here"),
    "too_many_requests": Kind(429, "Too many requests from this address; wait a moment"),
    "too_many_connections": Kind(429, "Too many connections from this address"),
    "rate_limited": Kind(429, "Too many manual enrichment requests"),
    "bulk_rate_limited": Kind(429, "Bulk enrichment was started a moment ago"),
    "headers_too_large": Kind(431, "The address or a header of the request is too long"),
    "database_error": Kind(500, "Database error"),
    "bus_unavailable": Kind(500, "The library does not answer"),
    "projector_unavailable": Kind(500, "Database error"),
    "queue_unavailable": Kind(500, "Failed to queue job"),
    "start_failed": Kind(500, "Failed to start job"),
    "internal_error": Kind(500, "Internal error"),
    "picture_host_failed": Kind(502, "The picture's host did not deliver it"),
}


class ApiError(Exception):
    """The request is answered with a failure of this code.

    Attributes:
        code: Stable; one of `KINDS`, or what a service on the bus said.
        error: A sentence for a person, where it is not the usual one.
        field: The field of the request that is wrong.
        movie_id: The film that is in the way.
        job_id: The job that is in the way.
        status: The status of a refusal that came over the bus; else that of the code.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        code: str,
        error: str | None = None,
        field: str | None = None,
        *,
        movie_id: int | None = None,
        job_id: int | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error or code)
        self.code = code
        self.error = error
        self.field = field
        self.movie_id = movie_id
        self.job_id = job_id
        self.status = status
        self.headers = headers or {}

    @property
    def http_status(self) -> int:
        """The status of this code; a refusal that came over the bus brings its own."""
        return self.status or KINDS[self.code].status

    def body(self) -> bytes:
        """The JSON answer."""
        error = self.error or KINDS[self.code].error
        failure = Failure(error=error, code=self.code, field=self.field, movie_id=self.movie_id, job_id=self.job_id)
        return failure.model_dump_json(by_alias=True, exclude_none=True).encode()


def invalid(error: str, field: str | None = None) -> ApiError:
    """A request that is wrong in this field."""
    return ApiError("invalid_request", error, field)
