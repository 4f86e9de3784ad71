"""One rule for each parser of what others send: whatever the bytes are, it holds, else it raises.

The first byte of an input chooses where there is something to choose (a status, a media type, a model); the rest is
what was sent. A parser answers or raises what its docstring names. What it answers can be sent on, and is no larger
than what was sent allows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from tests.fuzz.bus_rules import BUS_RULES
from tests.fuzz.inputs import LARGEST_ERROR, as_text, can_be_answered, chosen, is_said, must_be_json, pairs
from tests.fuzz.web_rules import WEB_RULES
from tests.unit.metarr_enricher.providers.parsers import NUL, PARSERS, must_be_an_outcome

from metarr_chassis.bus import RawMessage
from metarr_chassis.message_headers import as_utf_8
from metarr_chassis.nats_servers import parse_servers
from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import ServiceSettings, read_settings
from metarr_contracts.base import Request
from metarr_contracts.commands import EnrichMovie, ImportUpload, RunBulk
from metarr_contracts.envelope import read_envelope
from metarr_contracts.http import BulkRunRequest, ChangeRequest, EnrichRequest, IdentifyRequest, SignIn
from metarr_contracts.library import AddRequest, ImportRow, SearchMovies
from metarr_contracts.readmodels import ActivityQuery, MovieListQuery, Query
from metarr_contracts.registry import TYPES
from metarr_contracts.rules import ChangeRules
from metarr_contracts.websocket import ErrorFrame
from metarr_enricher import rows
from metarr_enricher.providers.exchange import Response
from metarr_enricher.settings import EnricherSettings
from metarr_gateway import parsing
from metarr_gateway.errors import ApiError
from metarr_gateway.frames import parse_frame
from metarr_gateway.import_columns import Ignored
from metarr_gateway.import_format import decode, format_of
from metarr_gateway.import_rows import read_rows
from metarr_gateway.parameters import HistoryParameters, JobParameters, MoviePictureParameters, NoParameters
from metarr_gateway.picture_urls import bases, source
from metarr_gateway.settings import GatewaySettings
from metarr_local.settings import BackupSettings, ClientSettings, RunSettings, SetupSettings
from metarr_projector import decoding, history, movie_history
from metarr_projector.listing import InvalidQueryError, listing
from metarr_projector.settings import ProjectorSettings
from metarr_scheduler.cron import last_run, next_run
from metarr_scheduler.settings import SchedulerSettings

Rule = Callable[[bytes], None]

STATUSES = (200, 401, 404, 429, 500, 301)
MEDIA_TYPES = (None, "application/json", "application/x-ndjson", "text/csv", "text/plain; charset=utf-8", "\xff;=;")
BODIES: Sequence[type[Request]] = (
    AddRequest,
    ChangeRequest,
    IdentifyRequest,
    EnrichRequest,
    BulkRunRequest,
    ChangeRules,
    SignIn,
)
COMMANDS: Sequence[type[Request]] = (EnrichMovie, RunBulk, ImportUpload)
QUERIES: Sequence[type[Request]] = (
    MovieListQuery,
    ActivityQuery,
    Query,
    SearchMovies,
    HistoryParameters,
    JobParameters,
    MoviePictureParameters,
    NoParameters,
)
EVENT_TYPES = (*TYPES, "metarr.unknown.v1")
SETTINGS: Sequence[type[ServiceSettings]] = (
    GatewaySettings,
    EnricherSettings,
    SchedulerSettings,
    ProjectorSettings,
    RunSettings,
    BackupSettings,
    SetupSettings,
    ClientSettings,
)
HEADERS = {"ce-id": "1", "ce-source": "/metarr/test", "ce-time": "2026-01-01T00:00:00Z"}
NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)


def provider(parser: str, data: bytes) -> None:
    """An answer of a provider is an outcome."""
    status, body = chosen(data, STATUSES)
    must_be_an_outcome(PARSERS[parser](Response(status, {}, body)))


def upload(data: bytes) -> None:
    """An uploaded list is refused as a whole, or each row can be sent on, checked and answered."""
    content_type, content = chosen(data, MEDIA_TYPES)
    try:
        text = decode(content)
        films = list(read_rows(text, format_of(content_type, text), Ignored()))
    except ApiError as error:
        can_be_answered(error)
        return
    assert len(films) <= len(content)
    assert [film.row for film in films] == list(range(1, len(films) + 1))
    for film in films:
        assert ImportRow.model_validate_json(film.to_json()) == film
        assert len(film.problem or "") < LARGEST_ERROR
        checked = rows.check(film)
        assert len(checked.reason if isinstance(checked, rows.BadRow) else checked.note or "") < LARGEST_ERROR


def body(data: bytes) -> None:
    """The body of a request is the model, which can be sent on, or a refusal."""
    model, content = chosen(data, BODIES)
    try:
        wanted = parsing.json_body(content, "application/json", model)
    except ApiError as error:
        can_be_answered(error)
        return
    model.model_validate_json(wanted.to_json())
    if isinstance(wanted, AddRequest):
        rows.check(wanted)


def query(data: bytes) -> None:
    """A query string is the model or a refusal, and so is what the read models make of it."""
    model, content = chosen(data, QUERIES)
    try:
        asked = parsing.query_string(parse_qsl(as_text(content), keep_blank_values=True), model)
    except ApiError as error:
        can_be_answered(error)
        return
    assert model.model_validate_json(asked.to_json()) == asked
    try:
        if isinstance(asked, MovieListQuery):
            wanted = listing(asked)
            counts = [statement for statement in (wanted.hits, wanted.total) if statement]
            statements = [*counts, *wanted.parts(0, 0), *wanted.parts(1_000, 1_000)]
        elif isinstance(asked, ActivityQuery):
            statements = [history.page(asked)]
        else:
            return
    except InvalidQueryError as error:
        is_said(str(error), 200)
        return
    for statement in statements:
        assert f"${len(statement.arguments) + 1}" not in statement.sql
        for argument in statement.arguments:
            # What PostgreSQL takes: no NUL in a text, whole numbers of eight bytes, moments of its own years.
            assert not isinstance(argument, str) or "\x00" not in argument.encode().decode()
            assert not isinstance(argument, int) or -(2**63) <= argument < 2**63


def path(data: bytes) -> None:
    """A part of a path is what it should be, in its one form, or a refusal."""
    token = as_text(data)
    readers: tuple[Callable[[str], object], ...] = (
        parsing.movie_id,
        parsing.job_id,
        parsing.picture_kind,
        parsing.picture_file,
        parsing.provider_name,
    )
    for read in readers:
        try:
            assert str(read(token)) == token
        except ApiError as error:
            can_be_answered(error)


def frame(data: bytes) -> None:
    """A frame is understood, or answered by one that says what is wrong."""
    read = parse_frame(as_text(data))
    text = read.to_json()
    if isinstance(read, ErrorFrame):
        assert len(text) < LARGEST_ERROR
    else:
        assert parse_frame(text.decode()) == read


def command(data: bytes) -> None:
    """A command can be read and is the same when it is read again, or is no command."""
    model, content = chosen(data, COMMANDS)
    try:
        read = model.model_validate_json(content or b"{}")
    except ValidationError:
        return
    assert model.model_validate_json(read.to_json()) == read


def event(data: bytes) -> None:
    """A message of the event stream is an event, or has a reason why not that the database can store."""
    kind, content = chosen(data, EVENT_TYPES)
    _must_be_recorded({**HEADERS, "ce-type": kind}, content)


def envelope(data: bytes) -> None:
    """Headers are an envelope that is the same when its headers are read, or make a message undecodable."""
    headers = pairs(as_utf_8(data))
    _must_be_recorded(headers, b"{}")
    try:
        read = read_envelope(headers)
    except ValidationError:
        return
    assert read_envelope(read.headers()) == read


def _must_be_recorded(headers: Mapping[str, str], content: bytes) -> None:
    item = decoding.decode(decoding.Received(7, "metarr.evt.movie.1", headers, content))
    fact = movie_history._fact(RawMessage(7, "metarr.evt.movie.1", headers, content, NOON))
    if fact is not None:
        must_be_json(fact.to_json())
    if isinstance(item, decoding.Recorded):
        stored = item.body.to_json()
        assert NUL.search(stored) is None
        assert type(item.body).model_validate_json(stored) == item.body
    else:
        row = item.row()
        for text in (row.subject, row.type, row.reason, item.id):
            assert "\x00" not in text.encode().decode()


def environment(data: bytes) -> None:
    """The environment of a process is settings, or every variable that is wrong is named."""
    settings, content = chosen(data, SETTINGS)
    # No process can be given a NUL.
    variables = {f"METARR_{name}": value for name, value in pairs(content.replace(b"\0", b"")).items()}
    try:
        read_settings(settings, variables)
    except WrongSettingsError as error:
        is_said(str(error), LARGEST_ERROR + 3 * len(content))


def servers(data: bytes) -> None:
    """Addresses of NATS servers are some, none of which shows a password, or are refused without showing one."""
    text = as_text(data)
    try:
        read = parse_servers(text)
    except ValueError as error:
        is_said(str(error), 200)
        return
    assert read.urls
    assert len(read.urls) == text.count(",") + 1
    again = parse_servers(",".join(read.urls))
    assert (again.urls, again.user, again.password) == (read.urls, None, None)


def cron(data: bytes) -> None:
    """What the settings take for a cron expression has a next run, and that is the last one when it has come."""
    text = as_text(data)
    try:
        read = read_settings(SchedulerSettings, {"METARR_SCHEDULE": text}).cron
    except WrongSettingsError as error:
        is_said(str(error), LARGEST_ERROR + 2 * len(text))
        return
    if read is not None:
        zone = ZoneInfo("Europe/Berlin")
        due = next_run(read, zone, NOON)
        assert last_run(read, zone, due) == due > NOON


def address(data: bytes) -> None:
    """A picture is fetched from a known host or not at all."""
    text = as_text(data)
    fetched = source(text, "poster", 300, bases(None, "http://sandbox"))
    assert fetched is None or fetched.startswith("http://sandbox/pictures/")


RULES: Mapping[str, Rule] = {
    **{parser: partial(provider, parser) for parser in PARSERS},
    "upload": upload,
    "body": body,
    "query": query,
    "path": path,
    "frame": frame,
    "command": command,
    "event": event,
    "envelope": envelope,
    "environment": environment,
    "servers": servers,
    "cron": cron,
    "address": address,
    **BUS_RULES,
    **WEB_RULES,
}
