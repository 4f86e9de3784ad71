"""The one table of all addresses; the application and the OpenAPI document are made from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from metarr_contracts import http, library, readmodels, rules
from metarr_contracts.base import Request, Value
from metarr_gateway.parameters import (
    HistoryParameters,
    JobParameters,
    MoviePictureParameters,
    NoParameters,
    PictureParameters,
)

QUERY_FAILURES = ("invalid_request", "database_error", "bus_unavailable", "projector_unavailable")
BODY_FAILURES = ("invalid_request", "invalid_json", "body_too_large", "unsupported_media_type")
LIBRARY_FAILURES = (*BODY_FAILURES, "bus_unavailable")
PROVIDER_FAILURES = ("provider_off", "provider_still_limited", "provider_key_refused", "provider_unavailable")
UI_PATHS = frozenset({"/assets/{file}", "/{file}", "/{page}"})
"""Where the web UI's files and its page are, which nobody can do without who wants to sign in."""
UPLOAD_TYPES = ("application/json", "application/x-ndjson", "text/csv", "multipart/form-data")


@dataclass(frozen=True)
class Route:
    """One method of one address.

    Attributes:
        name: Names the handler; the operation id of the document.
        answers: What `data` holds by status; None where the answer is not in the envelope.
        failures: Codes of `errors.KINDS`.
        other: Media types of an answer that is not in the envelope.
        open: Asks for no credentials.
    """

    name: str
    method: str
    path: str
    summary: str
    answers: Mapping[int, type[Value] | None]
    failures: Sequence[str] = ()
    parameters: type[Request] = NoParameters
    body: type[Request] | None = None
    body_required: bool = True
    uploads: Sequence[str] = field(default=())
    other: Sequence[str] = ("application/json",)
    description: str = ""
    open: bool = False


def _get(
    name: str,
    path: str,
    summary: str,
    answer: type[Value],
    *failures: str,
    parameters: type[Request] = readmodels.Query,
) -> Route:
    return Route(name, "GET", path, summary, {200: answer}, (*QUERY_FAILURES, *failures), parameters)


ROUTES: tuple[Route, ...] = (
    _get("library_stats", "/api/movies/enrichment/stats", "How complete the whole library is", readmodels.LibraryStats),
    _get(
        "movie_status",
        "/api/movies/{id}/enrichment-status",
        "How complete a film is, what is missing and why",
        readmodels.MovieStatus,
        "movie_not_found",
    ),
    Route(
        "enrich_movie",
        "POST",
        "/api/movies/{id}/enrich",
        "Refresh a film's metadata now",
        {202: http.JobQueued},
        (*BODY_FAILURES, "movie_not_found", "enrichment_in_progress", "rate_limited", "queue_unavailable"),
        body=http.EnrichRequest,
        body_required=False,
    ),
    _get("bulk_status", "/api/enrichment/bulk-status", "The last run, the next and the present", readmodels.BulkStatus),
    Route(
        "run_bulk",
        "POST",
        "/api/enrichment/bulk-run",
        "Go through the whole library now",
        {202: http.JobQueued},
        (*BODY_FAILURES, "bulk_already_running", "bulk_rate_limited", "start_failed"),
        body=http.BulkRunRequest,
        body_required=False,
    ),
    _get(
        "list_movies",
        "/api/movies",
        "The films, a page at a time",
        readmodels.MoviePage,
        parameters=readmodels.MovieListQuery,
    ),
    Route(
        "add_movie",
        "POST",
        "/api/movies",
        "Add a film",
        {201: http.AddedMovie, 200: http.AddedMovie},
        (*LIBRARY_FAILURES, "rejected", "id_conflict"),
        body=library.AddRequest,
    ),
    Route(
        "import_movies",
        "POST",
        "/api/movies/import",
        "Add a list of films; a long one becomes a job",
        {200: http.ImportResult, 202: http.ImportQueued},
        (
            "invalid_request",
            "invalid_file",
            "body_too_large",
            "unsupported_media_type",
            "bus_unavailable",
            "queue_unavailable",
        ),
        uploads=UPLOAD_TYPES,
    ),
    _get("get_movie", "/api/movies/{id}", "All that is known of a film", readmodels.MovieDetails, "movie_not_found"),
    _get(
        "movie_history",
        "/api/movies/{id}/history",
        "What happened to a film, newest first",
        readmodels.MovieHistory,
        "movie_not_found",
        parameters=HistoryParameters,
    ),
    Route(
        "change_movie",
        "PATCH",
        "/api/movies/{id}",
        "Set, clear, lock and unlock a film's values",
        {200: http.MovieWritten},
        (*LIBRARY_FAILURES, "movie_not_found"),
        body=http.ChangeRequest,
        body_required=False,
    ),
    Route(
        "remove_movie",
        "DELETE",
        "/api/movies/{id}",
        "Remove a film from the library",
        {200: http.MovieWritten},
        ("invalid_request", "movie_not_found", "bus_unavailable"),
    ),
    Route(
        "identify_movie",
        "POST",
        "/api/movies/{id}/identify",
        "Say which film it is",
        {200: http.MovieWritten},
        (*LIBRARY_FAILURES, "movie_not_found", "id_conflict"),
        body=http.IdentifyRequest,
    ),
    Route(
        "movie_picture",
        "GET",
        "/api/movies/{id}/images/{kind}",
        "A picture of a film",
        {200: None, 304: None},
        (*QUERY_FAILURES, "movie_not_found", "picture_not_found", "picture_host_failed"),
        MoviePictureParameters,
        other=("image/*",),
    ),
    Route(
        "find_candidates",
        "GET",
        "/api/candidates",
        "The films that TMDB lists for a title, to choose from",
        {200: library.Found},
        ("invalid_request", *PROVIDER_FAILURES, "bus_unavailable"),
        library.SearchMovies,
    ),
    Route(
        "tmdb_picture",
        "GET",
        "/api/pictures/tmdb/{file}",
        "A picture of TMDB by the name of its file, such as a candidate's poster",
        {200: None, 304: None},
        ("invalid_request", "picture_not_found", "picture_host_failed"),
        PictureParameters,
        other=("image/*",),
    ),
    _get(
        "get_job",
        "/api/jobs/{id}",
        "How far a job is, or how it ended",
        readmodels.Job,
        "job_not_found",
        parameters=JobParameters,
    ),
    Route(
        "cancel_job",
        "POST",
        "/api/jobs/{id}/cancel",
        "Ask a job to end",
        {202: http.JobCancelled},
        ("invalid_request", "job_not_found", "job_ended", "bus_unavailable"),
    ),
    _get("provider_states", "/api/providers/status", "The providers at a glance", readmodels.ProviderStates),
    Route(
        "resume_provider",
        "POST",
        "/api/providers/{name}/resume",
        "Test a provider and, where it answers, end its pause",
        {200: library.Resumed},
        ("invalid_request", "provider_not_found", *PROVIDER_FAILURES, "bus_unavailable"),
    ),
    Route(
        "get_rules",
        "GET",
        "/api/rules",
        "The rules for runs over the whole library",
        {200: rules.RulesReply},
        ("invalid_request", "bus_unavailable"),
    ),
    Route(
        "change_rules",
        "PATCH",
        "/api/rules",
        "Change the rules for runs; what is not named stays",
        {200: rules.RulesReply},
        LIBRARY_FAILURES,
        body=rules.ChangeRules,
        body_required=False,
    ),
    _get(
        "activity_history",
        "/api/activity/history",
        "What happened, newest first",
        readmodels.ActivityPage,
        parameters=readmodels.ActivityQuery,
    ),
    Route(
        "web_socket",
        "GET",
        "/ws",
        "Live messages",
        {101: None},
        ("invalid_request",),
        other=(),
        description="Each frame is JSON text: a `ServerFrame` to the client, a `ClientFrame` from it; see the schemas. "
        "Who has not subscribed gets all messages; the first `Subscribe` narrows them to what is subscribed to. "
        "A socket may have 100 subscriptions; one more is answered with an `ErrorFrame`. One that sends more than 20 "
        "frames a second, of which 100 may come at once, is closed with code 1008, and one that sends a frame of more "
        "than 16 KiB with code 1009.",
    ),
    Route(
        "get_session",
        "GET",
        "/api/session",
        "Whether a key is needed, and whether this client has one",
        {200: http.Session},
        ("invalid_request",),
        open=True,
    ),
    Route(
        "sign_in",
        "POST",
        "/api/session",
        "Get the cookie of a session for the key",
        {200: http.Session},
        (*BODY_FAILURES, "wrong_api_key"),
        body=http.SignIn,
        open=True,
    ),
    Route(
        "sign_out",
        "DELETE",
        "/api/session",
        "Let the browser forget its session",
        {200: http.Session},
        ("invalid_request",),
        open=True,
    ),
    Route("about", "GET", "/api/about", "Which Metarr this is", {200: http.About}, ("invalid_request",)),
    Route("healthz", "GET", "/healthz", "The process lives", {200: None}, open=True),
    Route(
        "readyz",
        "GET",
        "/readyz",
        "Whether the service can work, else what is missing",
        {200: None, 503: None},
        open=True,
    ),
    Route("metrics", "GET", "/metrics", "Figures for Prometheus", {200: None}, other=("text/plain",)),
    Route("openapi_document", "GET", "/api/openapi.json", "This document", {200: None}),
    Route("api_docs", "GET", "/api/docs", "This document for a person", {200: None}, other=("text/html",)),
)

OPEN_PATHS = frozenset(route.path for route in ROUTES if route.open) | UI_PATHS
"""What asks for no credentials, by whatever method; all else does."""
