"""What the users of the bus may not do is refused by a real server, and who may do it can."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import nats.errors
import nats.js.errors
import pytest
from nats.aio.msg import Msg

from metarr_chassis.bus import Bus, connect
from metarr_chassis.event_store import EventStore
from metarr_chassis.topology import setup, verify
from metarr_contracts import streams
from metarr_contracts.channels import CHANNELS, LIVE, PARAMETER, REQUESTS, STORED, Channel
from metarr_contracts.permissions import OPERATOR, SERVICES, USERS, User, UserName
from metarr_contracts.streams import ALL_STREAMS, COMMANDS, CONSUMERS, DEAD, EVENTS
from metarr_local.bus import connected
from metarr_local.cli import main
from metarr_local.embedded_nats import EmbeddedNats, embedded_url
from metarr_local.errors import LocalError
from metarr_local.nats_users import nats_passwords
from metarr_local.secret_files import secret_file

SECONDS = 120
PARTIES = {"gateway": "api-gateway"}
LIMITED = (*SERVICES, OPERATOR)
EVERYBODY = pytest.mark.parametrize("user", LIMITED, ids=[user.name for user in LIMITED])
VIOLATION = re.compile(r'permissions violation for (publish|subscription) to "([^"]+)"')
CHANGING = ("CREATE", "UPDATE", "PURGE", "DELETE", "MSG.DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN")
PASSWORDS: dict[UserName, str] = {user.name: f"password-of-{user.name}" for user in USERS}

Attempt = Callable[[Bus, str], Awaitable[object]]


@pytest.fixture
async def server(server_folder: Path) -> AsyncIterator[EmbeddedNats]:
    """A bus with users that is set up."""
    async with EmbeddedNats(server_folder / "users", passwords=PASSWORDS) as server:
        await setup(server.url, demo=True)
        yield server


async def refused(server: EmbeddedNats, user: User, subjects: list[str], attempt: Attempt) -> set[str]:
    """Those of the subjects that the server refuses this user; it says so a moment later, so the last one has to be.

    What is refused brings no answer, so nothing is waited for but what the server says.
    """
    said: set[str] = set()
    last_was_said = asyncio.Event()
    last = "only.setup.may.use.this"

    async def hear(error: Exception) -> None:
        if match := VIOLATION.search(str(error)):
            said.add(match[2])
            if match[2] == last:
                last_was_said.set()

    async with connect(server.url_of(user.name), "test") as bus:
        bus.nc._error_cb = hear
        for subject in (*subjects, last):
            await attempt(bus, subject)
        async with asyncio.timeout(SECONDS):
            await last_was_said.wait()
    # The server's words come in small letters.
    return {subject for subject in subjects if subject.lower() in said}


async def _publish(bus: Bus, subject: str) -> None:
    await bus.nc.publish(subject, b"{}", reply=bus.nc.new_inbox())


async def _subscribe(bus: Bus, subject: str) -> None:
    await bus.nc.subscribe(subject)


def _example(channel: Channel) -> str:
    return PARAMETER.sub("1", channel.address)


def _sent_by_others(user: User) -> Iterator[str]:
    """Dead letters of both writers are on the same subjects."""
    party = PARTIES.get(user.name, user.name)
    yield from (_example(channel) for channel in CHANNELS if party not in channel.sent)


def _changing() -> Iterator[str]:
    """Whatever changes or removes streams, messages and durable consumers."""
    for stream in (*ALL_STREAMS, streams.RESTORE):
        yield from (f"$JS.API.STREAM.{call}.{stream}" for call in CHANGING)
    for consumer in CONSUMERS:
        name = f"{consumer.stream}.{consumer.durable}"
        calls = ("DELETE", "CREATE", "DURABLE.CREATE", "LEADER.STEPDOWN", "UNPIN", "RESET")
        yield from (f"$JS.API.CONSUMER.{call}.{name}" for call in calls)
    yield f"$JS.API.CONSUMER.CREATE.{COMMANDS}"
    yield f"$JS.API.CONSUMER.CREATE.{COMMANDS}.mine.metarr.cmd.enrich.*"
    yield from (f"$JS.API.{call}" for call in ("ACCOUNT.PURGE.$G", "META.LEADER.STEPDOWN", "SERVER.REMOVE"))
    yield "$SYS.REQ.SERVER.PING.VARZ"


def _kept_by_others(user: User) -> Iterator[str]:
    """Keys of buckets, and what an enricher alone does with the queue."""
    yield from (f"$KV.{streams.META}.{key}" for key in ("store", "job-ids"))
    yield f"$KV.{streams.RATES}.{'manual-refreshes' if user.name == 'enricher' else 'tmdb'}"
    if user.name != "enricher":
        yield from (f"$KV.{streams.META}.next-movie-id", f"$KV.{streams.SNAPSHOTS}.movie.1")
        yield from (f"$JS.API.CONSUMER.MSG.NEXT.{COMMANDS}.{consumer.durable}" for consumer in CONSUMERS)
        yield from (f"$JS.ACK.{COMMANDS}.{consumer.durable}.1.1.1.1.0" for consumer in CONSUMERS)
    if user.name != "gateway":
        yield f"$O.{streams.UPLOADS}.M.bmFtZQ=="
    if user.name != "operator":
        yield f"$JS.API.CONSUMER.PAUSE.{COMMANDS}.enricher"


@EVERYBODY
async def test_nobody_sends_for_another(server: EmbeddedNats, user: User) -> None:
    """Each may send on its own channels alone: no events, answers, commands or requests of others."""
    subjects = [*_sent_by_others(user), "metarr.evt.unknown", "metarr.else"]
    assert await refused(server, user, subjects, _publish) == set(subjects)


@EVERYBODY
async def test_nobody_but_setup_changes_the_bus(server: EmbeddedNats, user: User) -> None:
    """Streams, messages and durable consumers stay as they are, and so does what others keep."""
    subjects = [*_changing(), *_kept_by_others(user)]
    assert await refused(server, user, subjects, _publish) == set(subjects)
    async with connect(server.url, "test") as bus:
        assert (await verify(bus, demo=True)).kind == "demo"


def _as_it_was_sent(stream: str) -> Iterator[str]:
    """The ways to get a message with its headers, and to have it put out somewhere."""
    yield f"$JS.API.DIRECT.GET.{stream}"
    yield f"$JS.API.DIRECT.GET.{stream}.metarr.cmd.enrich.1"
    if stream != EVENTS:
        yield from (f"$JS.API.CONSUMER.{call}.{stream}.mine" for call in ("CREATE", "DURABLE.CREATE", "MSG.NEXT"))


@pytest.mark.parametrize("user", [user for user in LIMITED if user.name != "enricher"], ids=lambda user: user.name)
async def test_nobody_turns_a_command_into_an_event(server: EmbeddedNats, user: User) -> None:
    """The server puts an answer out wherever it is wanted: who could have a message of its own back would forge events.

    The enricher writes them anyway.
    """
    subjects = [subject for stream in (EVENTS, COMMANDS, DEAD) for subject in _as_it_was_sent(stream)]
    assert await refused(server, user, subjects, _publish) == set(subjects)


async def test_an_answer_of_the_server_is_no_event(server: EmbeddedNats) -> None:
    """Given an answer that was wanted on a film's subject, then nobody can read it as one."""
    async with connect(server.url_of("gateway"), "test") as bus:
        await bus.nc.publish(f"$JS.API.STREAM.MSG.GET.{EVENTS}", b'{"seq": 1}', reply="metarr.evt.movie.1")
        async with asyncio.timeout(SECONDS):
            while await bus.last_message(EVENTS, "metarr.evt.movie.1") is None:
                await asyncio.sleep(0.01)
        [stored] = [recorded async for recorded in EventStore(bus, "test").read("metarr.evt.movie.1")]
        assert stored.body is None


@EVERYBODY
async def test_nobody_hears_what_is_anothers(server: EmbeddedNats, user: User) -> None:
    """Neither replies to others, nor requests to others: who hears those could take them and answer."""
    party = PARTIES.get(user.name, user.name)
    subjects = [f"_INBOX.{other.name}.>" for other in USERS if other not in (user, OPERATOR)]
    subjects += [channel.pattern for channel in REQUESTS if party not in channel.readers]
    subjects += [">", "metarr.>", "$JS.API.>", "$JS.ACK.>", "$SYS.>", "$KV.>"]
    if user is not OPERATOR:
        subjects += ["_INBOX.>", "_INBOX.*", "$JS.EVENT.>", *(channel.pattern for channel in STORED)]
        subjects += [channel.pattern for channel in LIVE if party not in channel.readers]
    assert await refused(server, user, subjects, _subscribe) == set(subjects)


async def test_an_operator_hears_its_own_replies_alone(server: EmbeddedNats) -> None:
    """The nats client makes inboxes of any name, so all are heard but those of others."""
    heard: list[str] = []
    async with connect(server.url_of("operator"), "test") as bus, connect(server.url, "test") as other:

        async def hear(message: Msg) -> None:
            heard.append(message.subject)

        await bus.listen("_INBOX.>", hear)
        for subject in ("_INBOX.gateway.a.b", "_INBOX.setup.a.b", "_INBOX.a.b"):
            await other.nc.publish(subject, b"")
        async with asyncio.timeout(SECONDS):
            while "_INBOX.a.b" not in heard:
                await asyncio.sleep(0.01)
    assert not [subject for subject in heard if subject.startswith(("_INBOX.gateway", "_INBOX.setup"))]


async def test_a_consumer_of_one_stream_is_none_of_another(server: EmbeddedNats) -> None:
    """Who may follow events gets no commands by it, whatever the request says."""
    async with connect(server.url_of("enricher"), "test") as bus:
        body = {"stream_name": COMMANDS, "config": {"ack_policy": "explicit"}}
        with pytest.raises(nats.js.errors.BadRequestError):
            await bus.api(f"CONSUMER.CREATE.{EVENTS}", json.dumps(body).encode())


@pytest.mark.parametrize("user", SERVICES, ids=[user.name for user in SERVICES])
async def test_a_service_can_compare_the_bus_with_its_definitions(server: EmbeddedNats, user: User) -> None:
    """As each does when it starts."""
    async with connect(server.url_of(user.name), "test") as bus:
        assert (await verify(bus, demo=True)).kind == "demo"


async def test_setup_may_do_everything(server: EmbeddedNats) -> None:
    """Change, purge and delete streams, delete messages and consumers, and make all of it again."""
    async with connect(server.url_of("setup"), "test") as bus:
        for _ in range(2):
            await bus.js.publish("metarr.dead.1", b"")
        await bus.api(f"STREAM.MSG.DELETE.{DEAD}", b'{"seq": 1}')
        await bus.api(f"STREAM.PURGE.{DEAD}")
        for consumer in CONSUMERS:
            await bus.api(f"CONSUMER.DELETE.{consumer.stream}.{consumer.durable}")
        for stream in ALL_STREAMS:
            await bus.api(f"STREAM.DELETE.{stream}")
    await setup(server.url, demo=True)


@pytest.mark.parametrize("login", ["enricher:wrong", "nobody:wrong", "token", ""])
async def test_who_is_not_let_in_is_told_so(server: EmbeddedNats, login: str) -> None:
    """A command ends at once, says that it was refused, and shows no password."""
    url = f"nats://{login}@127.0.0.1:{server.port}" if login else f"nats://127.0.0.1:{server.port}"
    with pytest.raises(LocalError, match=r"NATS server at nats://127.0.0.1:\d+ refuses ") as told:
        async with connected(url):
            pass
    assert "wrong" not in str(told.value)


async def test_passwords_are_in_no_file_of_the_server(server: EmbeddedNats, server_folder: Path) -> None:
    """They are handed on by the environment."""
    async with connect(server.url, "test"):
        pass
    # A server that runs may remove a file at any time.
    await server.stop()
    files = [path.read_bytes() for path in server_folder.rglob("*") if path.is_file()]
    assert files
    assert not [password for password in PASSWORDS.values() for file in files if password.encode() in file]


async def test_a_password_is_rotated(server_folder: Path, tmp_path: Path) -> None:
    """Given a secret that was deleted, then the server that is started again has another one for this user alone."""
    before = nats_passwords(tmp_path)
    async with EmbeddedNats(server_folder / "nats", passwords=before) as server, connected(server.url_of("gateway")):
        pass
    secret_file(tmp_path, "nats-gateway").unlink()
    after = nats_passwords(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"gateway"}
    async with EmbeddedNats(server_folder / "nats", passwords=after) as again:
        for user in USERS:
            async with connected(again.url_of(user.name)):
                pass
        with pytest.raises(LocalError, match="refuses the user gateway"):
            async with connected(embedded_url(again.port, "gateway", before)):
                pass


def test_the_address_for_the_client_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """For an operator unless another user is named; a bus of somebody else has the one address that was given."""
    monkeypatch.delenv("METARR_NATS_URL", raising=False)
    monkeypatch.setenv("METARR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("METARR_NATS_PORT", "4333")
    passwords = nats_passwords(tmp_path)
    assert main(["nats-url"]) == main(["nats-url", "--user", "setup"]) == 0
    assert capsys.readouterr().out.split() == [embedded_url(4333, user, passwords) for user in ("operator", "setup")]
    monkeypatch.setenv("METARR_NATS_URL", "nats://me:secret@elsewhere:4222")
    assert main(["nats-url"]) == 0
    assert capsys.readouterr().out == "nats://me:secret@elsewhere:4222\n"


def test_a_backup_with_a_wrong_password_says_that_it_was_refused(
    server_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Not that nobody is there: as with the data folder of another Metarr."""
    nats_passwords(tmp_path)

    async def work() -> int:
        async with EmbeddedNats(server_folder / "nats", passwords=PASSWORDS) as server:
            monkeypatch.setenv("METARR_DATA_DIR", str(tmp_path))
            monkeypatch.setenv("METARR_NATS_PORT", str(server.port))
            return await asyncio.to_thread(main, ["backup", str(tmp_path / "copy")])

    monkeypatch.delenv("METARR_NATS_URL", raising=False)
    assert asyncio.run(work()) == 1
    assert "refuses the user setup or its password" in capsys.readouterr().err
