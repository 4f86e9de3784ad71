"""`metarr import` and `metarr rebuild` against a gateway and a projector of the test's own."""

import asyncio
import json
from collections.abc import AsyncIterator

import nats
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from nats.aio.msg import Msg
from tests.round_trip import round_trip

from metarr_contracts import subjects
from metarr_contracts.events import ImportCounts
from metarr_local.bus import rebuild
from metarr_local.errors import LocalError
from metarr_local.importing import import_films

COUNTS = {"added": 2, "unchanged": 1, "conflict": 0, "rejected": 1}
REJECTED = {"row": 3, "result": "rejected", "field": "imdbId", "reason": "is no IMDb id"}
NOTED = {"row": 4, "result": "added", "movieId": 9, "note": "year left out"}


def _job(state: str, processed: int, row_offset: str) -> dict[str, object]:
    rows, following = ([REJECTED], 1) if row_offset == "0" else ([NOTED], None)
    report = {"processed": processed, "total": 4, "counts": COUNTS, "rows": rows, "nextRowOffset": following}
    job = {"jobId": 7, "kind": "import", "movieId": None, "state": state, "progress": processed * 25}
    return job | {"startedAt": None, "completedAt": None, "error": "Too bad", "report": report}


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[str, dict[str, list[str]]]]:
    """Answers by what it is sent: `small`, `large` (a job) or anything else (refused); `ends`: how the job goes on."""
    ends = {"states": ["running", "completed"]}

    async def post(request: web.Request) -> web.Response:
        body = await request.text()
        if body == "large":
            queued = {"jobId": 7, "message": "Import queued", "estimatedDuration": 3, "ignoredColumns": ["Shelf"]}
            return web.json_response({"success": True, "data": queued}, status=202)
        if body == "small":
            rows = [{"row": 1, "result": "added"}, REJECTED, NOTED]
            return web.json_response(
                {"success": True, "data": COUNTS | {"rows": rows, "ignoredColumns": ["Disc"], "seq": 5}}
            )
        return web.json_response({"success": False, "error": "No rows.", "code": "invalid"}, status=400)

    async def get(request: web.Request) -> web.Response:
        state = ends["states"][0] if len(ends["states"]) == 1 else ends["states"].pop(0)
        job = _job(state, 4 if state == "completed" else 2, request.query["rowOffset"])
        return web.json_response({"success": True, "data": job})

    app = web.Application()
    app.router.add_post("/api/movies/import", post)
    app.router.add_get("/api/jobs/7", get)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), ends


Gateway = tuple[str, dict[str, list[str]]]


async def test_a_small_list_is_answered_at_once(gateway: Gateway) -> None:
    """Counts, and only the rows that there is something to say about."""
    outcome = await import_films(gateway[0], b"small", "text/csv", lambda *_: None)
    assert outcome.counts == ImportCounts.model_validate(COUNTS)
    assert [row.row for row in outcome.rows] == [3, 4]
    assert outcome.ignored_columns == ("Disc",)


async def test_a_large_list_is_followed_to_its_end(gateway: Gateway) -> None:
    """Progress is told, and all pages of rows are fetched."""
    told: list[tuple[int, int]] = []
    outcome = await import_films(gateway[0], b"large", "text/csv", lambda *step: told.append(step))
    assert told == [(2, 4), (4, 4)]
    assert [row.row for row in outcome.rows] == [3, 4]
    assert outcome.ignored_columns == ("Shelf",)


async def test_a_job_that_fails_is_an_error(gateway: Gateway) -> None:
    """With the job's own sentence."""
    gateway[1]["states"] = ["failed"]
    with pytest.raises(LocalError, match="Too bad"):
        await import_films(gateway[0], b"large", "text/csv", lambda *_: None)


async def test_a_refused_list_is_an_error(gateway: Gateway) -> None:
    """With Metarr's own sentence."""
    with pytest.raises(LocalError, match="Not imported: No rows"):
        await import_films(gateway[0], b"", "text/csv", lambda *_: None)


async def test_who_does_not_wait_for_a_large_list_is_told_where_its_report_is(gateway: Gateway) -> None:
    """It goes on without us."""
    gateway[1]["states"] = ["running"]
    polled = asyncio.Event()
    importing = asyncio.create_task(import_films(gateway[0], b"large", "text/csv", lambda *_: polled.set()))
    await polled.wait()
    importing.cancel()
    with pytest.raises(LocalError, match=r"The import goes on in Metarr.*/api/jobs/7"):
        await importing


async def test_another_kind_of_server_is_an_error() -> None:
    """Such as the bus, whose port was given by mistake."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"INFO {}\r\n")
        await writer.drain()
        # Closed with the request unread, the connection would be reset, and the greeting perhaps never read.
        await reader.readline()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(LocalError, match=f"What answers at {url} is not Metarr"):
            await import_films(url, b"", "text/csv", lambda *_: None)


async def test_nobody_there_is_an_error() -> None:
    """With the address that was tried."""
    with pytest.raises(LocalError, match=r"does not answer at http://127\.0\.0\.1:9"):
        await import_films("http://127.0.0.1:9", b"", "text/csv", lambda *_: None)


async def test_a_rebuild_tells_what_it_did(nats_url: str) -> None:
    """Events and seconds come from the projector."""

    async def projector(message: Msg) -> None:
        await message.respond(json.dumps({"success": True, "data": {"events": 12, "seconds": 0.5}}).encode())

    connection = await nats.connect(nats_url)
    await connection.subscribe(subjects.REBUILD, cb=projector)
    await round_trip(connection)
    assert await rebuild(nats_url) == (12, 0.5)
    await connection.close()


async def test_a_rebuild_without_projector_is_an_error(nats_url: str) -> None:
    """At once, not after a time-out."""
    with pytest.raises(LocalError, match="No projector answers"):
        await rebuild(nats_url)


async def test_a_rebuild_without_bus_is_an_error() -> None:
    """With the address that was tried."""
    with pytest.raises(LocalError, match=r"No NATS server answers at nats://127\.0\.0\.1:9"):
        await rebuild("nats://127.0.0.1:9")
