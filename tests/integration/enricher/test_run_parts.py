"""One film as a part of a run over the whole library: who is asked, what is kept, and complete or unchanged."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.enricher.conftest import Running, World, eventually
from tests.integration.enricher.runs import kill_all

from metarr_contracts import events, streams, subjects
from metarr_contracts.commands import EnrichMovie, RunPart
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.rules import RunRules
from metarr_contracts.websocket import EnrichmentProgress
from metarr_enricher import worker
from metarr_enricher.freshness import Policy, due
from metarr_enricher.movie_state import RunMark

MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}
NOBODY = {"tmdb": 0, "omdb": 0, "fanart": 0}
RUN = 1_000_000
"""The run's job id, which no film's job has."""


class Unknown:
    """TMDB's changes, of which nothing is known."""

    def unchanged_since(self, *_: object) -> None:
        """No day is known."""


async def begin(world: World, movie_id: int, running: Running | None = None, **part: Any) -> int:
    """Queue the film's part of a run that begins now; the job's id."""
    now = running.clock.now() if running else datetime.now(UTC)
    run = RunPart.model_validate({"id": RUN, "due": PROVIDERS, "asked_since": now, **part})
    command = EnrichMovie(trigger="schedule", mode="complete", run=run)
    return await world.command(subjects.enrich_command(movie_id), command.to_json(), now)


async def processed(world: World, movie_id: int, running: Running, **part: Any) -> events.MovieEnriched:
    """Its end, when every provider has answered."""
    end = await world.end_of(await begin(world, movie_id, running, **part), movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert end.run_id == RUN
    return end


async def incomplete(world: World, movie_id: int, running: Running, **part: Any) -> events.EnrichmentFailed:
    """Its end, when one has not."""
    end = await world.end_of(await begin(world, movie_id, running, **part), movie_id)
    assert isinstance(end, events.EnrichmentFailed)
    assert (end.code, end.run_id) == ("incomplete", RUN)
    return end


async def due_now(world: World, movie_id: int, running: Running) -> tuple[ProviderName, ...]:
    """Whom the next run would ask."""
    return due(await world.film(movie_id), PROVIDERS, Policy(RunRules(), Unknown(), running.clock.now()))


async def spent(world: World, before: dict[str, int]) -> dict[str, int]:
    """How often each provider was asked since then."""
    return {name: count - before[name] for name, count in (await world.requests()).items()}


def told(end: events.MovieEnriched | events.EnrichmentFailed) -> dict[str, tuple[str, int]]:
    """How each provider fared, and what it was asked."""
    return {fared.name: (fared.outcome, fared.requests) for fared in end.providers}


async def test_a_film_is_processed(world: World) -> None:
    """One request to each; the film remembers the answers and what became of it in the run."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    end = await processed(world, movie_id, running)
    assert told(end) == dict.fromkeys(PROVIDERS, ("found", 1))
    assert (end.partial, end.completeness.after > 90) == (False, True)
    film = await world.film(movie_id)
    assert film.run == RunMark(id=RUN, result="processed")
    assert {name: kept.asked_with for name, kept in film.kept.items()} == {
        "tmdb": "tmdb:603",
        "omdb": "imdb:tt0133093",
        "fanart": "tmdb:603",
    }
    assert await due_now(world, movie_id, running) == ()
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def test_a_film_known_by_its_title_is_looked_up_first(world: World) -> None:
    """Two requests to TMDB, which tells the ids by which the others are asked."""
    running = await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999)
    assert await due_now(world, movie_id, running) == ("tmdb",)
    end = await processed(world, movie_id, running, due=("tmdb",))
    assert told(end) == {"tmdb": ("found", 2), "omdb": ("found", 1), "fanart": ("found", 1)}
    assert await due_now(world, movie_id, running) == ()


async def test_a_title_that_nobody_knows(world: World) -> None:
    """The lookup is the answer: kept, counted in vain, and used as long as the run does not want it anew."""
    running = await world.enricher()
    movie_id = await world.add(title="Somewhere Nowhere", year=1999)
    for vain in range(2):
        end = await processed(world, movie_id, running, due=("tmdb",))
        assert told(end) == {"tmdb": ("not_found", 1), "omdb": ("not_found", 0), "fanart": ("not_found", 0)}
        kept = (await world.film(movie_id)).kept
        assert kept.keys() == {"tmdb"}
        assert (kept["tmdb"].asked_with, kept["tmdb"].vain) == ("title:somewhere nowhere|1999", vain)
    assert await due_now(world, movie_id, running) == ()
    await world.advance(timedelta(days=40), [running])
    assert told(await processed(world, movie_id, running, due=()))["tmdb"] == ("not_found", 0)


async def test_a_used_up_quota_costs_the_others_nothing(world: World) -> None:
    """OMDb is asked first; the film stays as it was, and the next film does not even ask OMDb."""
    running = await world.enricher()
    first = await world.add(**MATRIX)
    second = await world.add(title="Inception", imdbId="tt1375666", tmdbId=27205)
    before = await world.film(first)
    await world.provider("omdb", fault={"kind": "quota"})
    end = await incomplete(world, first, running)
    assert told(end) == {"omdb": ("quota_exhausted", 1)}
    assert {lack.reason for lack in end.missing} == {"not_fetched"}
    assert told(await incomplete(world, second, running)) == {"omdb": ("quota_exhausted", 0)}
    assert await world.requests() == NOBODY | {"omdb": 1}
    film = await world.film(first)
    assert film.run == RunMark(id=RUN, result="unsettled")
    assert (film.fields, film.outcomes, film.kept) == (before.fields, before.outcomes, {})


async def test_what_was_answered_before_the_quota_was_used_up_is_not_asked_again(world: World) -> None:
    """A film whose IMDb id TMDB has to tell: the next night only OMDb is asked, and everything is there."""
    running = await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999, tmdbId=603)
    await world.provider("omdb", fault={"kind": "quota"})
    end = await incomplete(world, movie_id, running)
    assert told(end) == {"tmdb": ("found", 1), "omdb": ("quota_exhausted", 1), "fanart": ("found", 1)}
    film = await world.film(movie_id)
    assert (film.fields, film.outcomes, set(film.kept)) == ({}, {}, {"tmdb", "fanart"})
    await world.provider("omdb", fault=None)
    await world.advance(timedelta(days=1), [running])
    assert await due_now(world, movie_id, running) == ("omdb",)
    before = await world.requests()
    done = await processed(world, movie_id, running, due=("omdb",))
    assert await spent(world, before) == NOBODY | {"omdb": 1}
    assert done.changed.keys() >= {"plot", "imdb_rating", "clearlogo"}
    assert [fared.cached for fared in done.providers] == [True, False, True]


async def test_another_failure_leaves_the_film_as_it_was_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later in the same run, or the next night: only who failed is asked again."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    running = await world.enricher()
    movie_id, began = await world.add(**MATRIX), running.clock.now()
    await world.provider("fanart", fault={"kind": "http", "status": 503})
    end = await incomplete(world, movie_id, running, asked_since=began)
    assert end.error.startswith("Fanart: ")
    film = await world.film(movie_id)
    assert (film.fields, set(film.kept), film.run) == ({}, {"tmdb", "omdb"}, RunMark(id=RUN, result="failed"))
    assert await due_now(world, movie_id, running) == ("fanart",)
    await incomplete(world, movie_id, running, due=("fanart",))
    await incomplete(world, movie_id, running, asked_since=began)
    await world.provider("fanart", fault=None)
    before = await world.requests()
    assert before["tmdb"] == before["omdb"] == 1
    done = await processed(world, movie_id, running, due=("fanart",))
    assert await spent(world, before) == NOBODY | {"fanart": 1}
    assert done.changed.keys() >= {"plot", "imdb_rating", "clearlogo"}


async def test_a_failing_omdb_keeps_nobody_from_answering(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The film has failed, but it may be back for the next one; what the others say is kept."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.provider("omdb", fault={"kind": "http", "status": 503})
    await incomplete(world, movie_id, running)
    requests = await world.requests()
    assert (requests["tmdb"], requests["fanart"]) == (1, 1)
    assert (await world.film(movie_id)).run == RunMark(id=RUN, result="failed")


async def test_a_run_that_goes_on_without_a_provider(world: World) -> None:
    """The film is changed by the others, and OMDb is still due."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.provider("omdb", fault={"kind": "quota"})
    end = await processed(world, movie_id, running, without=("omdb",))
    assert told(end) == {"tmdb": ("found", 1), "omdb": ("quota_exhausted", 1), "fanart": ("found", 1)}
    assert end.partial
    assert {lack.field: lack.reason for lack in end.missing}["imdb_rating"] == "rate_limited"
    assert await due_now(world, movie_id, running) == ("omdb",)


async def test_only_who_is_due_is_asked(world: World) -> None:
    """Of the others the stored answer is used, however old; of another identity's nothing is."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await processed(world, movie_id, running)
    await world.advance(timedelta(days=40), [running])
    before = await world.requests()
    end = await processed(world, movie_id, running, due=("fanart",))
    assert await spent(world, before) == NOBODY | {"fanart": 1}
    assert [fared.cached for fared in end.providers] == [True, True, False]
    film = await world.film(movie_id)
    assert {name: kept.vain for name, kept in film.kept.items()} == {"tmdb": 0, "omdb": 0, "fanart": 1}
    await world.ask("identify", movieId=movie_id, tmdbId=27205)
    before = await world.requests()
    await processed(world, movie_id, running, due=())
    assert await spent(world, before) == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def test_a_part_that_is_delivered_again_asks_nobody_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own answers count, although the run says that it wants newer ones."""
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.provider("fanart", fault={"kind": "timeout"})
    job_id = await begin(world, movie_id, running, asked_since=datetime.now(UTC) + timedelta(hours=1))
    for provider in ("tmdb", "omdb"):
        subject = f"metarr.ans.{provider}.{movie_id}"
        await eventually(lambda subject=subject: world.bus.last_message(streams.ANSWERS, subject))  # type: ignore[misc]
    await eventually(lambda: _all_asked(world))
    await running.stop()
    await world.provider("fanart", fault=None)
    await world.enricher()
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 2}


async def _all_asked(world: World) -> bool:
    return all((await world.requests()).values())


async def test_a_part_whose_enricher_is_killed(world: World) -> None:
    """Another one takes over: one end, the run's, and no stored answer is asked for again."""
    steps = ("stored omdb", "stored tmdb", "decided enriched", "appended enriched")
    films = [{"title": f"A {n}", "imdbId": f"tt00010{n:02}", "tmdbId": 1000 + n} for n in range(len(steps))]
    plan = dict(zip(await world.seed(*films), steps, strict=True))
    since = datetime.now(UTC) + timedelta(hours=1)
    jobs = await kill_all(world, plan, lambda movie_id: begin(world, movie_id, asked_since=since))
    stored = {movie_id: {name for name in PROVIDERS if await _stored(world, name, movie_id)} for movie_id in plan}
    await world.enricher()
    for movie_id, job_id in jobs.items():
        end = await world.end_of(job_id, movie_id)
        assert isinstance(end, events.MovieEnriched), (plan[movie_id], end)
        assert (await world.film(movie_id)).run == RunMark(id=RUN, result="processed")
    asked = await world.asked_about()
    for number, names in enumerate(stored.values()):
        for name in names:
            film = f"tt000{1000 + number}" if name == "omdb" else f"{1000 + number}"
            assert asked[name][film] == 1, (steps[number], asked[name])


async def _stored(world: World, provider: ProviderName, movie_id: int) -> bool:
    return await world.bus.last_message(streams.ANSWERS, subjects.answer(provider, movie_id)) is not None


async def test_a_cancelled_part_belongs_to_its_run(world: World) -> None:
    """A person cancels the refresh of one film; the run hears of it."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.provider("fanart", fault={"kind": "timeout"})
    job_id = await begin(world, movie_id, running)
    await eventually(lambda: world.bus.last_message(streams.ANSWERS, subjects.answer("tmdb", movie_id)))
    await world.ask("cancel", jobId=job_id)
    end = await world.end_of(job_id, movie_id)
    assert isinstance(end, events.EnrichmentCancelled)
    assert end.run_id == RUN
    assert (await world.film(movie_id)).run == RunMark(id=RUN, result="cancelled")


async def test_a_removed_film_is_no_part_of_a_run(world: World) -> None:
    """It is rejected as any refresh of it is."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.ask("remove", movieId=movie_id)
    end = await world.end_of(await begin(world, movie_id, running), movie_id)
    assert isinstance(end, events.CommandRejected)
    assert end.code == "movie_not_found"


async def test_a_part_tells_no_progress(world: World) -> None:
    """A run does many films a second, and a film that is put off has no end that a client could be shown."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    notes = await world.bus.nc.subscribe("metarr.live.movie.*")
    await processed(world, movie_id, running)
    by_hand = await world.refresh(movie_id)
    note = EnrichmentProgress.model_validate_json((await notes.next_msg(timeout=60)).data)
    assert note.job_id == by_hand


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"run": {"id": RUN, "due": [], "askedSince": "2026-11-22T12:00:00Z"}}, "mode"),
        ({"mode": "complete", "run": {"id": RUN, "due": []}}, "run.askedSince"),
        ({"mode": "half"}, "mode"),
    ],
)
async def test_a_part_that_cannot_be_read_is_rejected(world: World, command: dict[str, Any], field: str) -> None:
    """And the field is named; a part of a run is never done in best effort."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    job_id = await world.command(subjects.enrich_command(movie_id), json.dumps(command).encode())
    end = await world.end_of(job_id, movie_id)
    assert isinstance(end, events.CommandRejected)
    assert (end.code, end.error.split(":")[0]) == ("invalid_command", field)
    assert len(await world.dead()) == 1
    assert await world.requests() == NOBODY
