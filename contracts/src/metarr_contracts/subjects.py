"""The addresses on the bus, in one place."""

from datetime import date

from metarr_contracts.fields import ProviderName

COMMANDS = "metarr.cmd.>"
EVENTS = "metarr.evt.>"
ANSWERS = "metarr.ans.>"
DEAD = "metarr.dead.>"
LIVE = "metarr.live.>"

ENRICH_COMMANDS = "metarr.cmd.enrich.*"
IMPORT_COMMANDS = "metarr.cmd.import.*"
PROVIDER_EVENTS = "metarr.evt.provider.*"
SCHEDULE_EVENTS = "metarr.evt.schedule.bulk"
BULK_RUN = "metarr.cmd.bulk.run"
BULK_EVENTS = "metarr.evt.bulk"
RULES_EVENTS = "metarr.evt.rules"
MOVIE_EVENTS = "metarr.evt.movie.*"
CLAIM_EVENTS = "metarr.evt.claim.>"
JOB_EVENTS = "metarr.evt.job.*"
LIVE_MOVIES = "metarr.live.movie.*"
LIVE_BULK = "metarr.live.bulk"
LIVE_CANCEL = "metarr.live.cancel"
"""A note with a job id as text: whoever works on that job looks at its subject at once."""
LIVE_ANEW = "metarr.live.anew"
"""An empty note: the read models were made anew, as from a restored stream; what was read of them before is old."""

REBUILD = "metarr.ops.rebuild"
RESTORE = "metarr.ops.restore"
"""The one message of METARR_RESTORE; its sequence is the one that job ids go on from."""


def enrich_command(movie_id: int) -> str:
    """One film's place in the queue; it holds one command at most."""
    return f"metarr.cmd.enrich.{movie_id}"


def import_command(upload: str) -> str:
    """A large import's place in the queue."""
    return f"metarr.cmd.import.{upload}"


def movie_event(movie_id: int) -> str:
    """One film's whole story."""
    return f"metarr.evt.movie.{movie_id}"


def job_event(job_id: int) -> str:
    """The story of a job that belongs to no film: an import, a rejected command."""
    return f"metarr.evt.job.{job_id}"


def claim_event(kind: str, claimed: str) -> str:
    """Who holds an id."""
    return f"metarr.evt.claim.{kind}.{claimed}"


def provider_event(provider: ProviderName) -> str:
    """One provider's pauses and refusals."""
    return f"metarr.evt.provider.{provider}"


def answer(provider: ProviderName, movie_id: int) -> str:
    """A provider's answers on one film; the last one is the cache."""
    return f"metarr.ans.{provider}.{movie_id}"


def lookup_answer(movie_id: int) -> str:
    """The answers to which film an id or a title means."""
    return f"metarr.ans.lookup.{movie_id}"


def changes_answer(day: date) -> str:
    """Which films TMDB changed on a UTC day."""
    return f"metarr.ans.changes.{day.isoformat()}"


def dead_letter(origin: str) -> str:
    """Where a message goes that nobody could handle; `origin` is the subject it came on."""
    return f"metarr.dead.{origin}"


def live_movie(movie_id: int) -> str:
    """Notes on one film for WebSocket clients; not stored."""
    return f"metarr.live.movie.{movie_id}"


def library(verb: str) -> str:
    """A short command on the library."""
    return f"metarr.lib.{verb}"


def query(name: str) -> str:
    """A question to the read models."""
    return f"metarr.query.{name}"


_CONSTANT = {
    "$SRV.PING": 2,
    "metarr.ans": 3,
    "metarr.cmd": 3,
    "metarr.cmd.bulk": 4,
    "metarr.evt": 3,
    "metarr.evt.claim": 4,
    "metarr.live": 3,
}
"""How many tokens of a subject are the same for all ids, by its first two or three; all where none is named."""


def template(subject: str) -> str:
    """The subject without the id at its end, where few values are wanted: `metarr.evt.movie` for a film's events."""
    tokens = subject.split(".")
    return ".".join(tokens[: _CONSTANT.get(".".join(tokens[:3]), _CONSTANT.get(".".join(tokens[:2]), len(tokens)))])
