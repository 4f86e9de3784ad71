"""Every message type on the bus, its model and its subjects. Types are versioned; old versions get an upcaster."""

from collections.abc import Mapping
from functools import cache

from metarr_contracts import answers, bulk, commands, events, rules, subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import Envelope

TYPES: Mapping[str, tuple[type[Value], str]] = {
    "metarr.movie.added.v1": (events.MovieAdded, subjects.MOVIE_EVENTS),
    "metarr.movie.identified.v1": (events.MovieIdentified, subjects.MOVIE_EVENTS),
    "metarr.movie.candidates-found.v1": (events.CandidatesFound, subjects.MOVIE_EVENTS),
    "metarr.movie.changed.v1": (events.MovieChanged, subjects.MOVIE_EVENTS),
    "metarr.movie.removed.v1": (events.MovieRemoved, subjects.MOVIE_EVENTS),
    "metarr.movie.enriched.v1": (events.MovieEnriched, subjects.MOVIE_EVENTS),
    "metarr.movie.enrichment-failed.v1": (events.EnrichmentFailed, subjects.MOVIE_EVENTS),
    "metarr.movie.enrichment-cancelled.v1": (events.EnrichmentCancelled, subjects.MOVIE_EVENTS),
    "metarr.job.cancel-requested.v1": (events.CancelRequested, subjects.EVENTS),
    "metarr.job.command-rejected.v1": (events.CommandRejected, "metarr.evt.job.*"),
    "metarr.import.progressed.v1": (events.ImportProgressed, "metarr.evt.job.*"),
    "metarr.import.completed.v1": (events.ImportCompleted, "metarr.evt.job.*"),
    "metarr.import.failed.v1": (events.ImportFailed, "metarr.evt.job.*"),
    "metarr.import.cancelled.v1": (events.ImportCancelled, "metarr.evt.job.*"),
    "metarr.claim.taken.v1": (events.ClaimTaken, subjects.CLAIM_EVENTS),
    "metarr.claim.released.v1": (events.ClaimReleased, subjects.CLAIM_EVENTS),
    "metarr.provider.configured.v1": (events.ProviderConfigured, subjects.PROVIDER_EVENTS),
    "metarr.provider.paused.v1": (events.ProviderPaused, subjects.PROVIDER_EVENTS),
    "metarr.provider.resumed.v1": (events.ProviderResumed, subjects.PROVIDER_EVENTS),
    "metarr.provider.key-refused.v1": (events.ProviderKeyRefused, subjects.PROVIDER_EVENTS),
    "metarr.schedule.planned.v1": (events.SchedulePlanned, subjects.SCHEDULE_EVENTS),
    "metarr.schedule.fired.v1": (events.ScheduleFired, subjects.SCHEDULE_EVENTS),
    "metarr.schedule.caught-up.v1": (events.ScheduleCaughtUp, subjects.SCHEDULE_EVENTS),
    "metarr.schedule.skipped-running.v1": (events.ScheduleSkipped, subjects.SCHEDULE_EVENTS),
    "metarr.schedule.missed.v1": (events.ScheduleMissed, subjects.SCHEDULE_EVENTS),
    "metarr.bulk.started.v1": (bulk.BulkStarted, subjects.BULK_EVENTS),
    "metarr.bulk.progressed.v1": (bulk.BulkProgressed, subjects.BULK_EVENTS),
    "metarr.bulk.limited.v1": (bulk.BulkLimited, subjects.BULK_EVENTS),
    "metarr.bulk.ended.v1": (bulk.BulkEnded, subjects.BULK_EVENTS),
    "metarr.rules.changed.v1": (rules.RulesChanged, subjects.RULES_EVENTS),
    "metarr.provider.answered.v1": (answers.ProviderAnswered, "metarr.ans.*.*"),
    "metarr.lookup.answered.v1": (answers.LookupAnswered, "metarr.ans.lookup.*"),
    "metarr.changes.answered.v1": (answers.ChangesAnswered, "metarr.ans.changes.*"),
    "metarr.command.enrich.v1": (commands.EnrichMovie, subjects.ENRICH_COMMANDS),
    "metarr.command.bulk-run.v1": (commands.RunBulk, subjects.BULK_RUN),
    "metarr.command.import.v1": (commands.ImportUpload, subjects.IMPORT_COMMANDS),
}


class UnknownTypeError(ValueError):
    """The message says it is of a type that this version does not know."""


@cache
def _names() -> Mapping[type[Value], str]:
    return {model: name for name, (model, _) in TYPES.items()}


def type_of(body: Value) -> str:
    """The versioned type under which this body travels."""
    return type_name(type(body))


def type_name(model: type[Value]) -> str:
    """The versioned type under which bodies of this model travel."""
    return _names()[model]


def decode(envelope: Envelope, payload: bytes) -> Value:
    """The body of a message.

    Raises:
        UnknownTypeError: no such type.
        pydantic.ValidationError: the body is not of that type.
    """
    if envelope.type not in TYPES:
        raise UnknownTypeError(f"unknown message type {envelope.type}")
    return TYPES[envelope.type][0].model_validate_json(payload)
