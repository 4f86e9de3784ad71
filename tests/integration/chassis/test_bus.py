"""The bus as services use it: what is said when nobody answers, and who gets a place in the queue."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import BusUnavailableError, RefusedError, SubjectTakenError
from metarr_chassis.micro import MAX_IN_FLIGHT, Endpoint, serve
from metarr_contracts import streams
from metarr_contracts.commands import EnrichMovie
from metarr_contracts.envelope import Envelope
from metarr_contracts.library import CancelJob
from metarr_local.embedded_nats import EmbeddedNats

SUBJECT = "metarr.cmd.enrich.1"


def envelope() -> Envelope:
    """Of a command."""
    return Envelope(id=uuid4().hex, type="metarr.command.enrich.v1", source="/test", time=datetime.now(UTC))


async def publish(bus: Bus) -> int:
    """Queue a refresh of film 1."""
    return await bus.publish_command(SUBJECT, envelope(), EnrichMovie().to_json())


async def test_a_film_has_one_place_in_the_queue(bus: Bus) -> None:
    """Of twenty at once one gets it; the sequence of the message is the job's id."""
    done = await asyncio.gather(*(publish(bus) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(one, SubjectTakenError) for one in done) == 19
    assert [one for one in done if isinstance(one, int)] == [1]


async def test_messages_are_found_by_subject_and_by_sequence(bus: Bus) -> None:
    """With headers, body and the time at which the server stored them; what is not there is None."""
    seq = await publish(bus)
    found = await bus.last_message(streams.COMMANDS, SUBJECT)
    assert found == await bus.message(streams.COMMANDS, seq)
    assert found is not None
    assert (found.seq, found.subject) == (seq, SUBJECT)
    assert found.headers["ce-type"] == "metarr.command.enrich.v1"
    assert EnrichMovie.model_validate_json(found.data) == EnrichMovie()
    assert abs((datetime.now(UTC) - found.time).total_seconds()) < 60
    assert await bus.next_message(streams.COMMANDS, "metarr.cmd.enrich.*", seq) == found
    assert await bus.next_message(streams.COMMANDS, "metarr.cmd.enrich.*", seq + 1) is None
    assert await bus.message(streams.COMMANDS, 99) is None


async def test_nobody_answers(bus: Bus) -> None:
    """That is known at once."""
    with pytest.raises(BusUnavailableError):
        await bus.request("metarr.lib.nothing")


async def test_a_bus_that_is_away_is_said_at_once(nats_server: EmbeddedNats, bus: Bus) -> None:
    """Nobody waits for a time-out; when it is back, everything works again by itself."""
    back = asyncio.Event()

    async def noticed() -> None:
        back.set()

    bus.on_reconnect.append(noticed)
    await nats_server.kill()
    while bus.nc.is_connected:
        await asyncio.sleep(0.01)
    for refused in (publish(bus), bus.request("metarr.lib.add"), bus.last_message(streams.COMMANDS, SUBJECT)):
        with pytest.raises(BusUnavailableError, match="not connected"):
            await refused
    await bus.publish_note("metarr.live.x", b"")
    await nats_server.start()
    await asyncio.wait_for(back.wait(), 120)
    assert await publish(bus) == 1


class TestServe:
    """Micro services."""

    async def test_requests_run_side_by_side(self, nats_url: str, bus: Bus) -> None:
        """Each waits for all the others, so one after the other would never end."""
        arrived = asyncio.Barrier(20)

        async def handle(payload: bytes) -> bytes:
            await arrived.wait()
            return payload

        async with serve(bus, "test", "Test", [Endpoint("echo", "test.echo", handle)]), connect(nats_url, "b") as other:
            told = await asyncio.gather(*(other.request("test.echo", str(n).encode()) for n in range(20)))
        assert told == [str(n).encode() for n in range(20)]

    async def test_whoever_asks_is_heard_from_the_first_moment(self, nats_url: str, bus: Bus) -> None:
        """A service that says it is ready is known to the server, whatever it still had to send."""

        async def handle(payload: bytes) -> bytes:
            return payload

        async with connect(nats_url, "b") as other:
            for n in range(50):
                endpoints = [Endpoint(f"echo{e}", f"test.echo{n}.{e}", handle) for e in range(20)]
                async with serve(bus, "test", "Test", endpoints):
                    assert await other.request(f"test.echo{n}.19", b"A") == b"A"

    async def test_no_more_at_once_than_it_can_bear(self, nats_url: str, bus: Bus) -> None:
        """The rest wait for their turn and are answered too."""
        now, most, full = 0, 0, asyncio.Event()

        async def handle(payload: bytes) -> bytes:
            nonlocal now, most
            now += 1
            most = max(most, now)
            if now >= MAX_IN_FLIGHT:
                full.set()
            await full.wait()
            now -= 1
            return payload

        async with serve(bus, "test", "Test", [Endpoint("echo", "test.echo", handle)]), connect(nats_url, "b") as other:
            await asyncio.gather(*(other.request("test.echo", b"") for _ in range(MAX_IN_FLIGHT + 50)))
        assert most == MAX_IN_FLIGHT

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (RefusedError(404, "Movie not found", "movie_not_found"), 404, "movie_not_found"),
            (BusUnavailableError("away"), 503, "bus_unavailable"),
            (ZeroDivisionError("secret"), 500, "internal_error"),
        ],
    )
    async def test_errors_reach_the_asker(self, bus: Bus, error: Exception, status: int, code: str) -> None:
        """With status and code; what went wrong inside is not told."""

        async def handle(_payload: bytes) -> bytes:
            raise error

        async with serve(bus, "test", "Test", [Endpoint("fail", "test.fail", handle)]):
            with pytest.raises(RefusedError) as refused:
                await bus.request("test.fail")
        assert (refused.value.status, refused.value.refused.code) == (status, code)
        assert "secret" not in str(refused.value)

    async def test_a_body_that_does_not_fit_is_a_bad_request(self, bus: Bus) -> None:
        """And the field is named."""

        async def handle(payload: bytes) -> bytes:
            return CancelJob.model_validate_json(payload).to_json()

        async with serve(bus, "test", "Test", [Endpoint("cancel", "test.cancel", handle)]):
            with pytest.raises(RefusedError) as refused:
                await bus.request("test.cancel", b'{"job": 1}')
        assert (refused.value.status, refused.value.refused.field) == (400, "jobId")

    async def test_what_was_begun_is_finished(self, nats_url: str, bus: Bus) -> None:
        """A service that ends answers whom it has heard."""
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def handle(_payload: bytes) -> bytes:
            begun.set()
            await go_on.wait()
            return b"done"

        async with connect(nats_url, "b") as other:
            async with serve(bus, "test", "Test", [Endpoint("slow", "test.slow", handle)]):
                asked = asyncio.create_task(other.request("test.slow"))
                await begun.wait()
                asyncio.get_running_loop().call_soon(go_on.set)
            assert await asked == b"done"


async def test_another_connection_is_one_of_its_own(bus: Bus) -> None:
    """It reaches the same streams, and when it is closed the first one goes on."""
    seq = await publish(bus)
    async with bus.another("many") as other:
        assert other.nc.client_id != bus.nc.client_id
        assert other.nc.options["name"] == f"{bus.nc.options['name']}-many"
        assert (await other.stream_state(streams.COMMANDS)).last_seq == seq
    assert other.nc.is_closed
    assert (await bus.stream_state(streams.COMMANDS)).last_seq == seq
