"""Pure: what `backup.json` says of a backup, and the order in which streams are copied.

**The order.** Each stream is copied by itself while everything goes on, so the copies are of different moments. What
refers to something is copied before what it refers to; then everything that the copies speak of is in them:

1. METARR_COMMANDS. A command leaves the queue when its terminal event is stored, so a command that is not in the copy
   has ended in the events, which are copied later; one that is in it and ends meanwhile is delivered again after the
   restore, and recognised by its terminal event. The other way round a command could be in neither.
2. METARR_UPLOADS: the rows of a queued import were stored before its command was. Rows of an import that is not in the
   queue's copy are left over and expire.
3. METARR_EVENTS: the truth, append only, so a copy is its beginning up to some event.
4. METARR_ANSWERS and METARR_DEAD: an answer or a dead letter is stored before the event that was decided from it. So no
   event speaks of an answer that is not there, and nobody is asked again; an answer without event is what a crash
   leaves behind too, and is used by the command that is delivered again.
5. METARR_META: the next film's id is moved before a film is added. Copied before the events it could be an id that they
   already hold. METARR_RATES: the day's requests are never fewer than the events tell of.

Claims, rules, providers' states, runs and their cursors are events. METARR_SNAPSHOTS is left out: its entries belong to
the stream of events by the time when that was created, and a restored stream is another one, for which they are of no
use. They are made again, film by film. Read models are not in a backup either: the projector sees that the stream is
another one and builds them.

Commands that came after the queue's copy are not in the backup. An import among them that had begun has events without
an end; the restore ends it (`events_before` says from where on to look). A run among them is ended by the next one, or
by cancelling it, as whenever its command is gone.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from metarr_contracts import streams
from metarr_contracts.base import Utc, Value
from metarr_contracts.store import Store
from metarr_local.errors import LocalError
from metarr_local.sizes import in_words

FORMAT = 1
MANIFEST = "backup.json"
ORDER = (
    streams.COMMANDS,
    f"OBJ_{streams.UPLOADS}",
    streams.EVENTS,
    streams.ANSWERS,
    streams.DEAD,
    f"KV_{streams.META}",
    f"KV_{streams.RATES}",
)


Count = Annotated[int, Field(ge=0, lt=2**64)]


def _with_counts(*names: str) -> AfterValidator:
    def check(said: Mapping[str, Any]) -> Mapping[str, Any]:
        if not all(isinstance(said.get(name), int) and 0 <= said[name] < 2**64 for name in names):
            raise ValueError(f"expected {', '.join(names)}")
        return said

    return AfterValidator(check)


class CopiedStream(Value):
    """A stream's copy: `config` and `state` as the server says them, and what the file has to be."""

    name: str
    file: str
    size: Count
    sha256: str
    config: Annotated[Mapping[str, Any], _with_counts("num_replicas")]
    state: Annotated[Mapping[str, Any], _with_counts("last_seq", "messages")]

    @property
    def last_seq(self) -> int:
        """Its last sequence when the copy was begun; the copy may hold a few messages more."""
        return int(self.state["last_seq"])


class Format(Value):
    """What every version of the file says."""

    format: int


class Manifest(Value):
    """What is in a backup. `taken_at` is from before the first stream was copied, and so is `events_before`."""

    format: int
    metarr_version: str
    taken_at: Utc
    store: Store
    events_before: Count
    streams: Sequence[CopiedStream]

    def stream(self, name: str) -> CopiedStream:
        """The copy of this stream."""
        return next(copied for copied in self.streams if copied.name == name)

    @property
    def size(self) -> int:
        """Bytes of all copies."""
        return sum(copied.size for copied in self.streams)


def read_manifest(text: bytes, name: str) -> Manifest:
    """Read `backup.json`; raise LocalError, which calls it `name`, for what this version cannot restore."""
    try:
        found = Format.model_validate_json(text).format
        if found > FORMAT:
            raise LocalError(f"{name} is of format {found}, this version reads up to {FORMAT}: use a newer Metarr.")
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"]) or "it"
        raise LocalError(f"{name} is damaged: {where} cannot be read.") from None
    names = [copied.name for copied in manifest.streams]
    if sorted(names) != sorted(ORDER) or not all(
        (copied.file, copied.config.get("name")) == (file_name(copied.name), copied.name) for copied in manifest.streams
    ):
        raise LocalError(f"{name} is damaged: it has to name the copies of {', '.join(sorted(ORDER))}.")
    return manifest


def file_name(stream: str) -> str:
    """Where a stream's copy is."""
    return f"{stream}.tar.s2"


def contents(manifest: Manifest) -> str:
    """What is in a backup, for a person."""
    events, queue = manifest.stream(streams.EVENTS), manifest.stream(streams.COMMANDS)
    return (
        f"{events.last_seq} events and {queue.state['messages']} waiting commands of {manifest.store.kind} data,"
        f" {in_words(manifest.size)}, of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    )
