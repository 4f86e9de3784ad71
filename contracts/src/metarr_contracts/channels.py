"""The map of the bus: every family of subjects, what travels on it, who sends and who reads."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from metarr_contracts import (
    answers,
    bulk,
    commands,
    events,
    http,
    library,
    operations,
    readmodels,
    rules,
    subjects,
    websocket,
)
from metarr_contracts.base import Value
from metarr_contracts.streams import STREAMS, StreamDefinition

Party = Literal["api-gateway", "enricher", "scheduler", "projector", "operator"]
PARAMETER = re.compile(r"\{(\w+)\}")
REST = "{origin}"
"""The one parameter that is several tokens long."""


@dataclass(frozen=True)
class Raw:
    """A message whose body is not one of our models."""

    name: str
    content_type: str
    description: str


MADE_ANEW = Raw("MadeAnew", "text/plain", "Empty")
JOB_TO_CANCEL = Raw("JobToCancel", "text/plain", "A job id")
DEAD_LETTER = Raw("DeadLetter", "application/json", "The message as it was; its headers say why it is here")

Body = type[Value] | Raw
Sent = Mapping[Party, tuple[Body, ...]]


@dataclass(frozen=True)
class Channel:
    """A family of subjects; parameters stand in braces.

    Attributes:
        replies: What comes back; a channel with replies is request/reply.
    """

    name: str
    address: str
    description: str
    sent: Sent
    readers: tuple[Party, ...]
    replies: tuple[type[Value], ...] = ()

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Everything that is sent on it, each once."""
        return tuple(dict.fromkeys(body for bodies in self.sent.values() for body in bodies))

    @property
    def pattern(self) -> str:
        """The NATS subject with wildcards."""
        return PARAMETER.sub("*", self.address.replace(REST, ">"))


def _facts(name: str, address: str, description: str, sent: Sent, *readers: Party) -> Channel:
    return Channel(name, address, description, sent, readers)


MOVIE_EVENTS: tuple[type[Value], ...] = get_args(events.MovieEvent)
JOB_EVENTS: tuple[type[Value], ...] = get_args(events.JobEvent)
CLAIM_EVENTS: tuple[type[Value], ...] = get_args(events.ClaimEvent)
PROVIDER_EVENTS: tuple[type[Value], ...] = get_args(events.ProviderEvent)
SCHEDULE_EVENTS: tuple[type[Value], ...] = get_args(events.ScheduleEvent)
BULK_EVENTS: tuple[type[Value], ...] = get_args(bulk.BulkEvent)

STORED: tuple[Channel, ...] = (
    _facts(
        "enrichCommands",
        "metarr.cmd.enrich.{movieId}",
        "Refresh one film. While a refresh is queued or running the server refuses another (error 10077); the sequence "
        "in the acknowledgement is the job id. An operator's command needs no headers, and `{}` means the defaults.",
        {
            "api-gateway": (commands.EnrichMovie,),
            "enricher": (commands.EnrichMovie,),
            "operator": (commands.EnrichMovie,),
        },
        "enricher",
    ),
    _facts(
        "bulkCommands",
        subjects.BULK_RUN,
        "Go through the whole library. While a run goes on the server refuses another (error 10077); the sequence in "
        "the acknowledgement is the job id. `{}` means the defaults.",
        {
            "api-gateway": (commands.RunBulk,),
            "scheduler": (commands.RunBulk,),
            "operator": (commands.RunBulk,),
        },
        "enricher",
    ),
    _facts(
        "importCommands",
        "metarr.cmd.import.{upload}",
        "Import a large list that was uploaded before",
        {"api-gateway": (commands.ImportUpload,)},
        "enricher",
    ),
    _facts(
        "movieEvents",
        "metarr.evt.movie.{movieId}",
        "One film's whole story; the type is in the header `ce-type`",
        {"enricher": MOVIE_EVENTS},
        "enricher",
        "projector",
        "api-gateway",
    ),
    _facts(
        "jobEvents",
        "metarr.evt.job.{jobId}",
        "The story of a job that belongs to no film: an import, a rejected command",
        {"enricher": JOB_EVENTS},
        "enricher",
        "projector",
    ),
    _facts(
        "claimEvents",
        "metarr.evt.claim.{kind}.{id}",
        "Which film an id or a title means; the last one counts",
        {"enricher": CLAIM_EVENTS},
        "enricher",
    ),
    _facts(
        "providerEvents",
        "metarr.evt.provider.{provider}",
        "A provider's pauses and refusals",
        {"enricher": PROVIDER_EVENTS},
        "enricher",
        "projector",
    ),
    _facts(
        "scheduleEvents",
        subjects.SCHEDULE_EVENTS,
        "When the nightly run is due, and what became of each night",
        {"scheduler": SCHEDULE_EVENTS},
        "scheduler",
        "enricher",
        "projector",
    ),
    _facts(
        "bulkEvents",
        subjects.BULK_EVENTS,
        "All runs over the whole library, one after the other",
        {"enricher": (*BULK_EVENTS, events.CancelRequested)},
        "enricher",
        "projector",
    ),
    _facts(
        "rulesEvents",
        subjects.RULES_EVENTS,
        "The rules for runs; the last one counts",
        {"enricher": (rules.RulesChanged,)},
        "enricher",
    ),
    _facts(
        "providerAnswers",
        "metarr.ans.{provider}.{movieId}",
        "What a provider answered on a film; the last one is the cache",
        {"enricher": (answers.ProviderAnswered,)},
        "enricher",
    ),
    _facts(
        "lookupAnswers",
        "metarr.ans.lookup.{movieId}",
        "Which film an id or a title means, as TMDB answered",
        {"enricher": (answers.LookupAnswered,)},
        "enricher",
    ),
    _facts(
        "changesAnswers",
        "metarr.ans.changes.{day}",
        "Which films TMDB changed on a UTC day",
        {"enricher": (answers.ChangesAnswered,)},
        "enricher",
    ),
    _facts(
        "deadLetters",
        "metarr.dead.{origin}",
        "What nobody could do: the message, why, and where it came from. To try again, send a new command.",
        {"enricher": (DEAD_LETTER,), "projector": (DEAD_LETTER,)},
        "operator",
    ),
)
"""What a stream keeps."""

LIVE: tuple[Channel, ...] = (
    _facts(
        "liveMovies",
        "metarr.live.movie.{movieId}",
        "Notes on one film, as WebSocket clients get them; not stored",
        {
            "enricher": (websocket.EnrichmentProgress,),
            "projector": (websocket.EnrichmentComplete, websocket.EnrichmentFailedNote),
        },
        "api-gateway",
        "operator",
    ),
    _facts(
        "liveBulk",
        subjects.LIVE_BULK,
        "Notes on the run over the whole library, as WebSocket clients get them; not stored",
        {"projector": (websocket.BulkProgress, websocket.BulkRateLimit, websocket.BulkComplete)},
        "api-gateway",
        "operator",
    ),
    _facts(
        "liveCancel",
        subjects.LIVE_CANCEL,
        "Whoever works on this job looks at its subject at once; not stored",
        {"enricher": (JOB_TO_CANCEL,)},
        "enricher",
    ),
    _facts(
        "liveAnew",
        subjects.LIVE_ANEW,
        "The read models were made anew from another stream: what was read before is old; not stored",
        {"projector": (MADE_ANEW,)},
        "api-gateway",
    ),
)
"""What nobody keeps."""

Exchange = tuple[type[Value], type[Value]]

VERBS: Mapping[str, Exchange] = {
    "add": (library.AddRequest, library.Added),
    "import": (library.ImportRows, library.Imported),
    "identify": (library.IdentifyMovie, library.Done),
    "change": (library.ChangeMovie, library.Done),
    "remove": (library.RemoveMovie, library.Done),
    "cancel": (library.CancelJob, library.Done),
    "resume": (library.ResumeProvider, library.Resumed),
    "search": (library.SearchMovies, library.Found),
    "rules": (rules.ChangeRules, rules.RulesReply),
}
"""`metarr.lib.<verb>`: request and reply."""

QUERIES: Mapping[str, Exchange] = {
    "library.stats": (readmodels.Query, readmodels.LibraryStats),
    "movie.status": (readmodels.MovieQuery, readmodels.MovieStatus),
    "movie.list": (readmodels.MovieListQuery, readmodels.MoviePage),
    "movie.get": (readmodels.MovieQuery, readmodels.MovieDetails),
    "movie.history": (readmodels.MovieHistoryQuery, readmodels.MovieHistory),
    "job.get": (readmodels.JobQuery, readmodels.Job),
    "bulk.status": (readmodels.Query, readmodels.BulkStatus),
    "activity.list": (readmodels.ActivityQuery, readmodels.ActivityPage),
    "provider.status": (readmodels.Query, readmodels.ProviderStates),
}
"""`metarr.query.<name>`: request and reply."""


def _exchange(prefix: str, name: str, subject: str, exchange: Exchange, server: Party) -> Channel:
    request, reply = exchange
    sent: Sent = {"api-gateway": (request,), "operator": (request,)}
    description = f"Request/reply with the {server}; an error has the headers of a NATS micro service"
    return Channel(f"{prefix}.{name}", subject, description, sent, (server,), (reply, library.Refused))


REBUILD_REQUEST = Raw("RebuildRequest", "application/json", "Empty")

REQUESTS: tuple[Channel, ...] = (
    *(_exchange("library", verb, subjects.library(verb), VERBS[verb], "enricher") for verb in VERBS),
    *(_exchange("query", name, subjects.query(name), QUERIES[name], "projector") for name in QUERIES),
    Channel(
        "operations.rebuild",
        subjects.REBUILD,
        "Make the read models anew from the first event",
        {"operator": (REBUILD_REQUEST,)},
        ("projector",),
        (http.Success[operations.Rebuilt], library.Refused),
    ),
)

CHANNELS: tuple[Channel, ...] = (*STORED, *LIVE, *REQUESTS)


def covers(pattern: str, subject: str) -> bool:
    """Whether every subject that `subject` stands for is one that `pattern` stands for; both may hold wildcards."""
    wanted, found = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        return len(found) >= len(wanted) and _alike(wanted[:-1], found)
    return found[-1] != ">" and len(found) == len(wanted) and _alike(wanted, found)


def _alike(wanted: Iterable[str], found: Iterable[str]) -> bool:
    return all(want in {"*", token} for want, token in zip(wanted, found, strict=False))


def stream_of(channel: Channel) -> StreamDefinition | None:
    """The stream that keeps what is sent on this channel; None where nothing is kept."""
    keeping = (stream for stream in STREAMS if any(covers(kept, channel.pattern) for kept in stream.subjects))
    return next(keeping, None)
