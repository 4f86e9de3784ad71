"""The `nats` command-line client is a consumer of its own: what an operator types does what an operator expects."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.client import Api
from tests.e2e.system import System

TOOLS = Path(__file__).parents[2] / ".tools"
NATS = shutil.which("nats", path=str(TOOLS)) or shutil.which("nats")
SECONDS = 60

pytestmark = pytest.mark.skipif(
    NATS is None, reason="the nats command-line client is neither in .tools nor on the path"
)


async def nats(system: System, *arguments: str) -> str:
    """Run the client to its end and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        str(NATS),
        "--server",
        system.nats.url_of("operator"),
        "--timeout",
        f"{SECONDS}s",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(SECONDS):
        output, _ = await process.communicate()
    return output.decode()


async def test_a_refresh_by_hand(system: System, api: Api) -> None:
    """`nats req metarr.cmd.enrich.<id>` answers with the job id and refreshes; once more meanwhile is refused."""
    movie_id = (await api.post("/api/movies", {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093"})).data[
        "movieId"
    ]
    async with api.socket() as socket:
        with system.providers_halted():
            ack = json.loads(await nats(system, "req", f"metarr.cmd.enrich.{movie_id}", "{}", "--raw"))
            again = await nats(system, "req", f"metarr.cmd.enrich.{movie_id}", "{}", "--raw")
        frames = await socket.until_end(ack["seq"])
    assert ack["stream"] == "METARR_COMMANDS"
    assert json.loads(again)["error"]["err_code"] == 10077
    assert frames[-1]["type"] == "enrichment:complete"


async def test_questions_by_hand(system: System, api: Api) -> None:
    """`nats req metarr.query.library.stats ''` answers with the numbers that HTTP gives."""
    told = json.loads(await nats(system, "req", "metarr.query.library.stats", "", "--raw"))
    assert told == (await api.get("/api/movies/enrichment/stats")).data


async def test_the_services_show_themselves(system: System) -> None:
    """`nats micro ls` lists the services that answer requests."""
    async with asyncio.timeout(SECONDS):
        # The client does not wait long for who is slow to answer.
        while not ("enricher" in (listed := await nats(system, "micro", "ls")) and "projector" in listed):
            await asyncio.sleep(0.1)


async def test_events_can_be_watched(system: System, api: Api) -> None:
    """`nats sub 'metarr.evt.>'` shows what happens, with the type of each event."""
    watching = asyncio.create_task(nats(system, "sub", "metarr.evt.>", "--count", "2"))
    added: list[int] = []
    async with asyncio.timeout(SECONDS):
        while not watching.done():
            # The client says nothing when it has subscribed, so films come until it has seen two events.
            film = await api.post("/api/movies", {"title": f"Watched {len(added)}", "tmdbId": 500_000 + len(added)})
            added.append(film.data["seq"])
            await asyncio.sleep(0.1)
    seen = watching.result()
    assert "metarr.evt.claim.tmdb." in seen
    assert "ce-type: metarr.movie.added.v1" in seen
    # Whoever compares two readings of the library after this finds it at rest.
    assert (await api.get("/api/movies", after=added[-1])).status == 200


async def test_streams_are_what_they_are_documented_to_be(system: System) -> None:
    """`nats stream ls` names the four streams."""
    listed = await nats(system, "stream", "ls", "--names")
    assert set(listed.split()) >= {"METARR_COMMANDS", "METARR_EVENTS", "METARR_ANSWERS", "METARR_DEAD"}
