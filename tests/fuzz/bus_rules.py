"""Rules for what others say on the bus, beside commands and events, and for what is read at the command line."""

import json
from argparse import ArgumentTypeError
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from nats.aio.subscription import Subscription
from pydantic import TypeAdapter, ValidationError
from tests.fuzz.inputs import as_text, at_once, chosen, is_said, must_be_json, pairs
from tests.unit.metarr_enricher.providers.parsers import NUL
from yarl import URL

from metarr_chassis.message_headers import NAME, passed_on, read_headers
from metarr_chassis.nats_client import NatsClient
from metarr_contracts.base import Request, Value
from metarr_contracts.envelope import read_envelope
from metarr_contracts.fields import FIELDS
from metarr_contracts.http import ImportQueued, ImportResult
from metarr_contracts.library import (
    AddRequest,
    CancelJob,
    ChangeMovie,
    IdentifyMovie,
    ImportRows,
    RemoveMovie,
    ResumeProvider,
    SearchMovies,
)
from metarr_contracts.readmodels import (
    ActivityQuery,
    Job,
    JobQuery,
    MovieHistoryQuery,
    MovieListQuery,
    MovieQuery,
    Query,
)
from metarr_contracts.rules import ChangeRules
from metarr_contracts.websocket import BULK_NOTE, MOVIE_NOTE, BulkNote, MovieNote
from metarr_enricher.own_values import own_title, own_value
from metarr_enricher.providers.retrying import retry_after
from metarr_gateway.hosts import is_loopback
from metarr_gateway.queued_run import queued_run
from metarr_local.backup_manifest import contents, read_manifest
from metarr_local.cli import _url
from metarr_local.errors import LocalError
from metarr_local.importing import _data
from metarr_projector import database_address

REQUESTS: Sequence[type[Request]] = (
    AddRequest,
    ImportRows,
    IdentifyMovie,
    ChangeMovie,
    RemoveMovie,
    ChangeRules,
    CancelJob,
    ResumeProvider,
    SearchMovies,
    Query,
    MovieQuery,
    MovieListQuery,
    MovieHistoryQuery,
    JobQuery,
    ActivityQuery,
)
NOTES: Sequence[TypeAdapter[MovieNote] | TypeAdapter[BulkNote]] = (MOVIE_NOTE, BULK_NOTE)
ANSWERS: Sequence[tuple[int, type[Value]]] = (
    (200, ImportResult),
    (202, ImportQueued),
    (200, Job),
    (401, Job),
    (400, Job),
)
DATABASE_REFUSALS = (
    database_address.EXPECTED,
    database_address.NAMES_NO_USER,
    f"expected one of {', '.join(database_address.TLS_MODES)} as sslmode in the address",
)
NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)


def request(data: bytes) -> None:
    """A request to a service is read and the same when it is read again, or is none; so are the values of a person."""
    model, content = chosen(data, REQUESTS)
    try:
        read = model.model_validate_json(content or b"{}")
    except ValidationError:
        return
    assert model.model_validate_json(read.to_json()) == read
    if isinstance(read, ChangeMovie):
        _must_be_own_values(read)


def _must_be_own_values(change: ChangeMovie) -> None:
    """What a person sets a field to has one form, which the database can store, or is refused in a sentence."""
    try:
        title = change.title and own_title(change.title)
        values = {name: own_value(name, value) for name, value in change.fields.items() if name in FIELDS}
    except ValueError as error:
        is_said(str(error), 300)
        return
    assert title is None or own_title(title) == title
    for name, value in values.items():
        assert NUL.search(json.dumps(value).encode()) is None
        json.dumps(value, ensure_ascii=False).encode()
        assert value is None or own_value(name, value) == value


def note(data: bytes) -> None:
    """A live note that is understood is JSON as browsers read it, for they are sent it as it is."""
    notes, content = chosen(data, NOTES)
    try:
        notes.validate_json(content)
    except ValidationError:
        return
    must_be_json(content)


def message(data: bytes) -> None:
    """A message is read, whatever its subject, reply and headers are, and can be sent on with some of these."""
    subject, reply, block = (data.split(b"\n", 2) + [b""] * 2)[:3]
    client = NatsClient()
    subscription = Subscription(client, 1, "metarr.>")
    client._subs[1] = subscription
    at_once(client._process_msg(1, subject, reply, b"{}", block or None))
    [read] = [subscription._pending_queue.get_nowait()]
    assert read.data == b"{}"
    for headers in (read.headers or {}, read_headers(block)):
        kept = passed_on(headers)
        assert all(NAME.fullmatch(name) for name in kept)
        "".join(kept.values()).encode()
        try:
            read_envelope(headers)
        except ValidationError:
            continue


def queued(data: bytes) -> None:
    """A run that waits has a beginning, whatever its command and its headers are."""
    head, _, content = data.partition(b"\n\n")
    run = queued_run(7, pairs(head), content, NOON)
    assert run.since.tzinfo is not None
    run.since.isoformat()


def manifest(data: bytes) -> None:
    """A backup's list of contents is refused in a sentence, or names each copy and can be told to a person."""
    try:
        read = read_manifest(data, "backup.json")
    except LocalError as error:
        is_said(str(error), 500)
        return
    is_said(contents(read), 2_000)
    assert all(copied.file == f"{copied.name}.tar.s2" for copied in read.streams)
    assert isinstance(read.size, int)


def waiting(data: bytes) -> None:
    """`Retry-After` is a wait or says nothing."""
    headers = {name.lower(): value for name, value in pairs(data).items()}
    seconds = retry_after(headers)
    assert seconds is None or timedelta(seconds=seconds) >= timedelta()


def database(data: bytes) -> None:
    """The address of a database has a user and files for TLS, or is refused in a sentence that holds nothing of it."""
    text = as_text(data)
    for read in (database_address.require_login, database_address.tls_files):
        try:
            read(text)
        except ValueError as error:
            _must_be_among(str(error), DATABASE_REFUSALS)
            return


def _must_be_among(said: str, sentences: Collection[str]) -> None:
    assert said in sentences, said


def site(data: bytes) -> None:
    """Where a list is sent to is this machine if its address says so: who sends the key must not be misled."""
    try:
        url = _url(as_text(data))
    except ArgumentTypeError as error:
        is_said(str(error), 200 + 10 * len(data))
        return
    try:
        goes_to = URL(url).host or ""
    except ValueError:
        return
    assert not is_loopback(urlsplit(url).hostname or "") or is_loopback(goes_to), goes_to


@dataclass(frozen=True)
class Answer:
    """As of a web server, which may be any."""

    status: int
    body: bytes
    url: str = "http://127.0.0.1:3000/"

    async def read(self) -> bytes:
        """All of it."""
        return self.body


def answer(data: bytes) -> None:
    """What is answered to a list is what Metarr answers, or refused in a sentence."""
    (status, model), body = chosen(data, ANSWERS)
    try:
        at_once(_data(Answer(status, body), model))  # type: ignore[arg-type]
    except LocalError as error:
        is_said(str(error), 200 + len(data))


BUS_RULES: Mapping[str, Callable[[bytes], None]] = {
    "request": request,
    "note": note,
    "queued": queued,
    "manifest": manifest,
    "waiting": waiting,
    "message": message,
    "database": database,
    "site": site,
    "answer": answer,
}
