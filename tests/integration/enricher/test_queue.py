"""What becomes of commands: done, given up, unreadable, handed back; and each is worked on once."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from tests.integration.enricher.conftest import PATIENCE, Held, World, eventually
from tests.integration.wire import send

from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import events, streams
from metarr_enricher import worker
from metarr_enricher.answer_store import AnswerStore
from metarr_enricher.providers.registry import Tmdb
from metarr_enricher.settings import EnricherSettings

MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}
FILMS = 60


async def test_two_enrichers_share_the_queue(world: World) -> None:
    """60 films and two processes: each film enriched once, each provider asked once about each."""
    ids = await world.seed(*({"title": f"A {n}", "imdbId": f"tt00010{n:02}", "tmdbId": 1000 + n} for n in range(FILMS)))
    await asyncio.gather(world.process(), world.process())
    await world.hands_are_free(2 * EnricherSettings.model_fields["concurrency"].default)
    await world.acknowledged_within(3_600)
    jobs = [(await world.refresh(movie_id), movie_id) for movie_id in ids]
    ends = await asyncio.gather(*(world.end_of(*job) for job in jobs))
    assert {type(end) for end in ends} == {events.MovieEnriched}
    assert await world.requests() == dict.fromkeys(("tmdb", "omdb", "fanart"), FILMS)
    assert all(set(asked.values()) == {1} for asked in (await world.asked_about()).values())


async def test_a_command_waits_for_the_bus(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bus is to blame for is not counted: in one delivery the job is tried until it succeeds."""
    tries: list[int] = []
    store = AnswerStore.put

    async def put(answers: AnswerStore, *args: Any) -> None:
        tries.append(1)
        if len(tries) <= 3 * streams.MAX_DELIVERIES:
            raise BusUnavailableError("no leader")
        await store(answers, *args)

    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(AnswerStore, "put", put)
    await world.enricher()
    await world.acknowledged_within(3_600)
    movie_id = await world.add(**MATRIX)
    job_id = await world.refresh(movie_id)
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    consumer = await world.bus.api(f"CONSUMER.INFO.{streams.COMMANDS}.{streams.ENRICHER}")
    assert consumer["delivered"]["consumer_seq"] == 1


async def test_a_command_that_took_long_before_the_bus_failed_waits_for_it_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its patience begins with the first failure: a large import, and a film that was throttled, are at work longer."""
    tries: list[int] = []
    store = AnswerStore.put

    async def put(answers: AnswerStore, *args: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            await asyncio.sleep(2 * worker.PATIENCE_SECONDS)
            raise BusUnavailableError("no leader")
        await store(answers, *args)

    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(AnswerStore, "put", put)
    await world.enricher()
    await world.acknowledged_within(3_600)
    movie_id = await world.add(**MATRIX)
    job_id = await world.refresh(movie_id)
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    consumer = await world.bus.api(f"CONSUMER.INFO.{streams.COMMANDS}.{streams.ENRICHER}")
    assert consumer["delivered"]["consumer_seq"] == 1


@pytest.mark.usefixtures("impatient")
class TestGivenUp:
    """A command whose handling fails again and again."""

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A failed command is delivered again at once, also when the bus is said to be away."""
        monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
        monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.0)

    async def test_on_the_fifth_delivery(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The job fails, the message is kept with the reason, the film is free, and its next job works."""
        await world.enricher()
        await world.acknowledged_within(3_600)
        movie_id = await world.add(**MATRIX)
        with monkeypatch.context() as broken:
            broken.setattr(AnswerStore, "put", _fail)
            job_id = await world.refresh(movie_id)
            end = await world.end_of(job_id, movie_id)
        assert isinstance(end, events.EnrichmentFailed)
        assert (end.code, end.error) == ("gave_up", "Gave up after 5 attempts")
        [letter] = await world.dead()
        assert letter.subject == f"metarr.dead.metarr.cmd.enrich.{movie_id}"
        assert letter.data == b'{"force": false}'
        assert letter.headers["metarr-reason"] == "Gave up after 5 attempts"
        assert letter.headers["metarr-origin"] == f"metarr.cmd.enrich.{movie_id}"
        assert (letter.headers["metarr-origin-seq"], letter.headers["metarr-deliveries"]) == (str(job_id), "5")
        assert isinstance(await world.refreshed(movie_id), events.MovieEnriched)

    async def test_a_job_that_had_ended_is_no_dead_letter(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only its acknowledgement was lost, five times."""
        lost = Counter[int]()

        async def lose(message: Any, timeout: float) -> None:  # noqa: ASYNC109
            del timeout
            lost[message.metadata.num_delivered] += 1
            raise BusUnavailableError("lost")

        await world.enricher()
        movie_id = await world.add(**MATRIX)
        with monkeypatch.context() as broken:
            broken.setattr("nats.aio.msg.Msg.ack_sync", lose)
            job_id = await world.refresh(movie_id)
            await eventually(lambda: _is(lost[6] > 0))
        assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
        assert await world.dead() == []
        assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}

    async def test_an_import(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """It fails as a job of its own."""
        await world.enricher()
        monkeypatch.setattr("metarr_enricher.import_job.ImportJob._upload", _fail)
        job_id = await world.command("metarr.cmd.import.abc", b'{"upload": "abc", "rows": 1}')
        end = await world.end_of(job_id)
        assert isinstance(end, events.ImportFailed)
        assert end.error == "Gave up after 5 attempts"
        assert [letter.subject for letter in await world.dead()] == ["metarr.dead.metarr.cmd.import.abc"]


async def _fail(*_: Any) -> None:
    raise BusUnavailableError("out of order")


async def _is(true: bool) -> bool:  # noqa: FBT001
    return true


@pytest.mark.parametrize(
    ("subject", "payload", "problem"),
    [
        ("metarr.cmd.enrich.1", b"{", "Invalid JSON"),
        ("metarr.cmd.enrich.1", b"\xff\xfe", "Invalid JSON"),
        ("metarr.cmd.enrich.1", b"[]", "Input should be an object"),
        ("metarr.cmd.enrich.1", b'{"froce": true}', "froce: Extra inputs are not permitted"),
        ("metarr.cmd.enrich.001", b"{}", "the subject ends in no film id"),
        ("metarr.cmd.enrich.abc", b"{}", "the subject ends in no film id"),
        ("metarr.cmd.import.abc", b"", "Invalid JSON"),
        ("metarr.cmd.import.abc", b'{"upload": "abc", "rows": 0}', "rows: Input should be greater than"),
    ],
)
async def test_an_unreadable_command_is_rejected(world: World, subject: str, payload: bytes, problem: str) -> None:
    """Its job ends, the message is kept, the subject is free; the sender's headers for the server are not."""
    await world.enricher()
    headers = {"Nats-Expected-Last-Sequence": "0", "ce-id": "mine"}
    ack = await world.bus.js.publish(subject, payload, headers=headers)
    end = await world.end_of(ack.seq)
    assert isinstance(end, events.CommandRejected)
    assert (end.code, end.movie_id) == ("invalid_command", 1 if subject.endswith(".1") else None)
    assert problem in end.error
    [letter] = await world.dead()
    assert (letter.data, letter.headers["ce-id"], letter.headers["metarr-origin"]) == (payload, "mine", subject)
    assert letter.headers["metarr-reason"] == end.error
    assert (await world.bus.js.publish(subject, payload)).seq == ack.seq + 1


@pytest.mark.parametrize(
    ("head", "payload"),
    [
        (b"\xff\xfe: \xff\r\nce-id: a\xff\r\n", b"{"),
        (b"a b: c\r\n: d\r\n", b"{"),
        (b"".join(b"h%d: %b\r\n" % (number, b"x" * 1_000) for number in range(60)), b"{"),
        (b"", b"{" * (8 * 2**20 - 500)),
    ],
    ids=["no text", "names that cannot be sent", "many", "as large as can be"],
)
async def test_a_command_that_can_hardly_be_kept(world: World, head: bytes, payload: bytes) -> None:
    """Is rejected all the same: nobody can stop the queue by what stands around a command, nor by its size."""
    await world.enricher()
    subject = b"metarr.cmd.enrich.\xff"
    await send(world.nats_url, subject, head, payload)
    await eventually(lambda: world.ends(1))
    end = await world.end_of(1)
    assert isinstance(end, events.CommandRejected)
    [letter] = await world.dead()
    assert letter.headers["metarr-origin"] == "metarr.cmd.enrich.\ufffd"
    assert payload.startswith(letter.data)
    assert letter.data


@pytest.mark.parametrize("name", [b"ce-id", b"ce-correlationid"])
async def test_a_command_with_a_long_id_is_done(world: World, name: bytes) -> None:
    """What follows from it does not carry that id, with which the server would take none of it."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    await send(world.nats_url, f"metarr.cmd.enrich.{movie_id}".encode(), b"%b: %b\r\n" % (name, b"x" * 65_000), b"{}")
    await eventually(lambda: world.ends(1, movie_id))
    assert isinstance(await world.end_of(1, movie_id), events.MovieEnriched)


async def test_a_service_that_ends_finishes_what_it_does_and_takes_nothing_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs too long is handed back at once, and another one takes it; nothing waits for a time-out."""
    ids = await world.seed(*({"title": f"A {n}", "imdbId": f"tt000010{n}", "tmdbId": 100 + n} for n in range(3)))
    monkeypatch.setattr(worker, "GRACE_SECONDS", PATIENCE)
    with monkeypatch.context() as holding:
        held = Held(holding, Tmdb)
        running = await world.enricher(concurrency=2)
        jobs = [(await world.refresh(ids[0]), ids[0])]
        await held.reached.wait()
        stopping = asyncio.create_task(running.stop())
        await asyncio.sleep(0)
        jobs.append((await world.refresh(ids[1]), ids[1]))
        held.go_on.set()
        await stopping
    assert [bool(await world.ends(*job)) for job in jobs] == [True, False]
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    running = await world.enricher(concurrency=2)
    await world.acknowledged_within(3_600)
    await world.provider("fanart", fault={"kind": "timeout", "ids": [str(100 + 2)]})
    jobs.append((await world.refresh(ids[2]), ids[2]))
    await eventually(lambda: world.bus.last_message(streams.ANSWERS, f"metarr.ans.omdb.{ids[2]}"))
    await running.stop()
    assert not await world.ends(*jobs[2])
    await world.provider("fanart", fault=None)
    await world.acknowledged_within(streams.ACK_WAIT_SECONDS)
    await world.enricher()
    ends = [await world.end_of(*job) for job in jobs]
    assert {type(end) for end in ends} == {events.MovieEnriched}
    await world.queue_is_empty()


async def test_a_command_that_is_delivered_again_while_it_is_worked_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one who works on it goes on; nobody is asked twice, and there is one end."""
    held = Held(monkeypatch, Tmdb)
    await world.enricher(concurrency=4)
    movie_id = await world.add(**MATRIX)
    job_id = await world.refresh(movie_id)
    await eventually(lambda: world.bus.last_message(streams.ANSWERS, f"metarr.ans.omdb.{movie_id}"))
    # What a long outage does: the server takes the command for abandoned.
    await world.bus.nc.publish(f"$JS.ACK.{streams.COMMANDS}.{streams.ENRICHER}.1.{job_id}.1.0.0", b"-NAK")
    info = await eventually(lambda: _redelivered(world))
    assert info.num_redelivered == 1
    held.go_on.set()
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def _redelivered(world: World) -> Any:
    info = await world.bus.js.consumer_info(streams.COMMANDS, streams.ENRICHER)
    return info if info.num_redelivered else None


async def test_an_idle_enricher_asks_for_no_more_than_it_has_hands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests for work that expired do not stay open beside the new ones."""
    monkeypatch.setattr(worker, "FETCH_SECONDS", 0.05)
    await world.enricher(concurrency=3)
    for _ in range(20):
        info = await world.bus.js.consumer_info(streams.COMMANDS, streams.ENRICHER)
        assert info.num_waiting <= 3
        await asyncio.sleep(0.02)
