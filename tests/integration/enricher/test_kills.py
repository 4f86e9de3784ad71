"""An enricher is killed at every step of a job; another one takes over, and nothing happens twice."""

import asyncio
import signal

from tests.integration.enricher.conftest import PATIENCE, World, eventually
from tests.integration.enricher.runs import kill_all

from metarr_contracts import events, streams, subjects
from metarr_contracts.fields import PROVIDERS

KNOWN = (
    "before tmdb",
    *(f"{step} {name}" for name in PROVIDERS for step in ("received", "stored")),
    "decided enriched",
    "appended enriched",
    "before ack",
)
"""Steps of a film whose ids are known."""
BY_TITLE = (
    "received lookup",
    "stored lookup",
    "decided taken",
    "appended taken",
    "decided identified",
    "appended identified",
)
"""Steps of a film that is known by its title."""
TITLES = ("Alien", "Inception", "Casablanca", "Parasite", "Heat", "Gladiator")


async def _stored(world: World, movie_id: int, provider: str) -> bool:
    return await world.bus.last_message(streams.ANSWERS, f"metarr.ans.{provider}.{movie_id}") is not None


async def test_killed_at_every_step(world: World) -> None:
    """One terminal event each, the film as without the crash, and no stored answer is asked for again."""
    known = await world.seed(
        *({"title": f"A {n}", "imdbId": f"tt00010{n:02}", "tmdbId": 1000 + n} for n in range(len(KNOWN)))
    )
    steps = dict(zip(known, KNOWN, strict=True))
    jobs = await kill_all(world, steps)
    before = {movie_id: {name for name in PROVIDERS if await _stored(world, movie_id, name)} for movie_id in steps}
    assert all(step.split()[1] in before[movie_id] for movie_id, step in steps.items() if step.startswith("stored"))
    await world.enricher()
    for movie_id, job_id in jobs.items():
        end = await world.end_of(job_id, movie_id)
        assert isinstance(end, events.MovieEnriched), (steps[movie_id], end)
        assert (await world.film(movie_id)).outcomes.keys() == set(PROVIDERS)
    asked = await world.asked_about()
    for name, prefix in (("tmdb", ""), ("omdb", "tt000")):
        for movie_id, stored in before.items():
            times = asked[name][f"{prefix}{1000 + known.index(movie_id)}"]
            assert times == 1 if name in stored else 1 <= times <= 2, (name, steps[movie_id], asked[name])


async def test_killed_while_it_is_identified(world: World) -> None:
    """The lookup is stored before anything is decided from it; claim, ids and end are there once."""
    ids = await world.seed(*({"title": title} for title in TITLES))
    steps = dict(zip(ids, BY_TITLE, strict=True))
    jobs = await kill_all(world, steps)
    searches = (await world.requests())["tmdb"]
    await world.enricher()
    for movie_id, job_id in jobs.items():
        end = await world.end_of(job_id, movie_id)
        assert isinstance(end, events.MovieEnriched), (steps[movie_id], end)
        film = await world.film(movie_id)
        assert film.ids.tmdb is not None
        claims = await world.history(subjects.claim_event("tmdb", str(film.ids.tmdb)))
        assert [claim.body for claim in claims] == [
            events.ClaimTaken(kind="tmdb", id=str(film.ids.tmdb), movie_id=movie_id)
        ]
        story = await world.story(movie_id)
        assert [said.by for said in story if isinstance(said, events.MovieIdentified)] == ["lookup", "provider"]
    # Each film was searched before the kill, and only the one whose answer was not stored is searched again.
    assert searches == len(TITLES)
    assert (await world.requests())["tmdb"] == len(TITLES) + 1 + len(TITLES)


async def test_a_process_that_ends_hands_its_work_back(world: World) -> None:
    """SIGTERM in the middle of a job that hangs: the next enricher gets it at once, as its second delivery."""
    [movie_id] = await world.seed({"title": "A", "imdbId": "tt0001000", "tmdbId": 1000})
    await world.provider("fanart", fault={"kind": "timeout"})
    job_id = await world.refresh(movie_id)
    process = await world.process()
    await eventually(lambda: _stored(world, movie_id, "tmdb"))
    await world.acknowledged_within(3_600)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    queue = await world.bus.js.pull_subscribe_bind(streams.ENRICHER, streams.COMMANDS)
    [again] = await queue.fetch(1, timeout=PATIENCE)
    assert (again.metadata.sequence.stream, again.metadata.num_delivered) == (job_id, 2)
    await again.nak()
    await queue.unsubscribe()
    await world.acknowledged_within(streams.ACK_WAIT_SECONDS)
    await world.provider("fanart", fault=None)
    await world.enricher()
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
