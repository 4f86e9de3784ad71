"""Films come in: each once, however many ask at the same time and wherever it crashed."""

import asyncio
import contextlib
import json
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats.errors
import nats.js.errors
import pytest
from tests.integration.enricher.conftest import World, eventually

from metarr_chassis import event_store
from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_chassis.event_store import EventStore
from metarr_contracts import events, streams, subjects
from metarr_contracts.library import MAX_IMPORT_ROWS, Imported
from metarr_enricher import worker

KILLED = str(Path(__file__).with_name("killed.py"))
MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}


def rows(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Rows of an import: by IMDb id, by TMDB id, by both, by title alone."""
    kinds: tuple[Callable[[int], dict[str, Any]], ...] = (
        lambda n: {"imdbId": f"tt{n:07}"},
        lambda n: {"tmdbId": n},
        lambda n: {"imdbId": f"tt{n:07}", "tmdbId": n},
        lambda n: {"year": 1900 + n % 100},
    )
    return [{"row": n, "title": f"Film {n}", **kinds[n % 4](n)} for n in range(first, first + count)]


async def import_rows(world: World, wanted: list[dict[str, Any]], request: str | None = None) -> Imported:
    """Import some rows."""
    return Imported.model_validate(await world.ask("import", request=request or uuid4().hex, rows=wanted))


def counted(*imports: Imported) -> Counter[str]:
    """Rows by result."""
    return Counter(row.result for done in imports for row in done.rows)


async def added(world: World) -> list[events.MovieAdded]:
    """All films that were ever added."""
    told = [one.body for one in await world.history(subjects.MOVIE_EVENTS)]
    return [body for body in told if isinstance(body, events.MovieAdded)]


async def test_twenty_who_add_the_same_film_at_once_add_one(world: World) -> None:
    """Over two enrichers: one has added it, the others get the same film."""
    await world.enricher()
    await world.enricher()
    replies = await asyncio.gather(*(world.ask("add", **MATRIX) for _ in range(20)))
    results = Counter(reply["result"]["result"] for reply in replies)
    assert results == {"added": 1, "unchanged": 19}
    [film] = await added(world)
    assert {reply["result"]["movieId"] for reply in replies} == {film.movie_id}


async def test_twenty_who_add_it_by_different_ids_clash_or_agree(world: World) -> None:
    """By one id, by the other, by both: never is one id two films'."""
    await world.enricher()
    await world.enricher()
    forms: list[dict[str, Any]] = [{"imdbId": "tt0133093"}, {"tmdbId": 603}, {"imdbId": "tt0133093", "tmdbId": 603}]
    await asyncio.gather(*(world.ask("add", title="The Matrix", **forms[n % 3]) for n in range(20)))
    films = await added(world)
    for held in ("imdb", "tmdb"):
        assert [getattr(film.ids, held) for film in films if getattr(film.ids, held)] in ([], [603], ["tt0133093"])


async def test_twenty_changes_of_one_film_at_once_are_all_there(world: World) -> None:
    """One wins at each version; the others decide again. None is lost."""
    await world.enricher()
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    own = {
        "plot": "own",
        "tagline": "own",
        "awards": "own",
        "genres": ["own"],
        "writers": ["own"],
        "directors": ["own"],
        "cast": [{"name": "own", "role": None}],
        "poster": "https://own.org/a.jpg",
        "fanart": "https://own.org/b.jpg",
        "trailer": "https://own.org/c",
    }
    await asyncio.gather(
        *(world.ask("change", movieId=movie_id, fields={name: value}) for name, value in own.items()),
        *(world.ask("change", movieId=movie_id, lock=[name]) for name in own),
    )
    film = await world.film(movie_id)
    assert {name: value.value for name, value in film.fields.items()} == own
    assert film.locked == tuple(sorted(own))
    assert len(await world.story(movie_id)) == 21


async def test_two_imports_of_the_same_rows_at_once(world: World) -> None:
    """500 rows over two enrichers: in sum each is added once and unchanged once."""
    await world.enricher()
    await world.enricher()
    chunks = [rows(100, 1 + 100 * n) for n in range(5)]
    done = await asyncio.gather(*(import_rows(world, chunk) for chunk in (*chunks, *chunks)))
    assert counted(*done) == {"added": 500, "unchanged": 500}
    films = await added(world)
    assert len(films) == len({film.movie_id for film in films}) == 500
    found = {row.row: row.movie_id for row in done[0].rows}
    assert all(found[row.row] == row.movie_id for row in done[5].rows)


async def test_a_repeated_import_says_again_what_it_did(world: World) -> None:
    """Under the same name; under another one the films are there already."""
    await world.enricher()
    first = await import_rows(world, rows(20), "mine")
    again = await import_rows(world, rows(20), "mine")
    assert (first.rows, counted(first)) == (again.rows, {"added": 20})
    assert counted(await import_rows(world, rows(20), "other")) == {"unchanged": 20}


async def test_rows_that_mean_the_same_film(world: World) -> None:
    """The first one adds it; ids follow the rows; a row that mixes two films up clashes; bad ones say why."""
    await world.enricher()
    wanted = [
        {"row": 1, "title": "A", "imdbId": "tt0000001"},
        {"row": 2, "title": "B", "imdbId": "1"},
        {"row": 3, "title": "C", "tmdbId": 3},
        {"row": 4, "title": "D", "imdbId": "tt0000001", "tmdbId": 3},
        {"row": 5, "title": "E", "year": "soon"},
        {"row": 6, "problem": "a closing quote is missing"},
        {"row": 7, "title": "F"},
        {"row": 8, "title": "f!"},
    ]
    done = await import_rows(world, wanted)
    assert [row.result for row in done.rows] == [
        "added",
        "unchanged",
        "added",
        "conflict",
        "rejected",
        "rejected",
        "added",
        "unchanged",
    ]
    one, two, three = (done.rows[n].movie_id or 0 for n in (0, 2, 6))
    assert one < two < three
    assert [done.rows[n].movie_id for n in (1, 3, 7)] == [one, one, three]
    assert done.rows[1].note == "IMDb id 1 read as tt0000001"
    assert (done.rows[3].field, done.rows[4].field, done.rows[5].reason) == (
        "tmdbId",
        "year",
        "a closing quote is missing",
    )
    assert done.seq == max(one.seq for one in await world.history(subjects.MOVIE_EVENTS))


async def test_too_many_rows_at_once_are_refused(world: World) -> None:
    """Large imports are jobs."""
    await world.enricher()
    with pytest.raises(RefusedError) as refused:
        await import_rows(world, rows(MAX_IMPORT_ROWS + 1))
    assert (refused.value.status, refused.value.refused.field) == (400, "rows")


@pytest.mark.parametrize("claims", [1, 2])
async def test_a_crash_between_claim_and_film(world: World, monkeypatch: pytest.MonkeyPatch, claims: int) -> None:
    """Who adds it next gets one film, with the id that was reserved."""
    await world.enricher()
    left = [None] * claims
    append = EventStore.append

    async def crash(store: Any, subject: str, event: Any, expected: int) -> Any:
        if not left:
            raise BusUnavailableError("crashed")
        left.pop()
        return await append(store, subject, event, expected)

    with monkeypatch.context() as broken:
        broken.setattr(EventStore, "append", crash)
        with pytest.raises(RefusedError):
            await world.ask("add", **MATRIX)
    assert await added(world) == []
    claim = await world.store.last("metarr.evt.claim.imdb.tt0133093")
    assert claim is not None
    assert isinstance(claim.body, events.ClaimTaken)
    reserved = claim.body.movie_id
    assert await world.add(title="Another") > reserved
    assert await world.add(**MATRIX) == reserved
    assert await world.add(title="And another") > reserved


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_lost_acknowledgements_make_no_double(world: World, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    """Of every append, once, twice and three times in a row: claims, film and refresh are there once."""
    monkeypatch.setattr(event_store, "RETRY_SECONDS", 0.001)
    running = await world.enricher()
    monkeypatch.setattr(running.bus.js, "publish", _losing(running.bus.js.publish, lost))
    movie_id = await world.add(title="The Matrix", year=1999)
    assert isinstance(await world.refreshed(movie_id), events.MovieEnriched)
    ids = [one.id for one in await world.history("metarr.evt.>")]
    assert len(ids) == len(set(ids))
    assert [type(said).__name__ for said in await world.story(movie_id)] == [
        "MovieAdded",
        "MovieIdentified",
        "MovieIdentified",
        "MovieEnriched",
    ]
    assert await world.requests() == {"tmdb": 2, "omdb": 1, "fanart": 1}


async def test_an_end_that_is_never_acknowledged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is delivered again, and its job has ended: nobody is asked again, nothing is said again."""
    monkeypatch.setattr(event_store, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    monkeypatch.setattr(running.bus.js, "publish", _losing(running.bus.js.publish, 99))
    job_id = await world.refresh(movie_id)
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}


def _losing(publish: Callable[..., Awaitable[Any]], times: int) -> Callable[..., Awaitable[Any]]:
    """Stores events and loses the first acknowledgements of each."""
    lost = Counter[str]()

    async def outer(subject: str, payload: bytes = b"", **options: Any) -> Any:
        name = str((options.get("headers") or {}).get("Nats-Msg-Id"))
        if options.get("stream") != streams.EVENTS or lost[name] >= times:
            return await publish(subject, payload, **options)
        lost[name] += 1
        with contextlib.suppress(nats.js.errors.APIError):
            await publish(subject, payload, **options)
        raise nats.errors.TimeoutError

    return outer


class TestUpload:
    """A large import: a job of its own."""

    ROWS = 2_000

    async def upload(self, world: World, wanted: list[dict[str, Any]]) -> int:
        """Put the rows on the bus and queue their import; the job's id."""
        name = uuid4().hex
        bucket = await world.bus.js.object_store(streams.UPLOADS)
        await bucket.put(name, "\n".join(json.dumps(row) for row in wanted).encode())
        told = json.dumps({"upload": name, "rows": len(wanted)}).encode()
        return await world.command(subjects.import_command(name), told)

    async def test_it_is_taken_over_where_it_was(self, world: World) -> None:
        """Killed in the middle: the next one goes on, and what was added counts as added."""
        wanted = rows(self.ROWS)
        wanted[10]["year"] = "soon"
        wanted[-10] = {**wanted[0], "row": self.ROWS - 9}
        job_id = await self.upload(world, wanted)
        killed = await world.process(KILLED, json.dumps({"1100": "appended added"}))
        assert await killed.wait() == -signal.SIGKILL
        assert await self._chunks(world, job_id, 5)
        assert not await self._chunks(world, job_id, 6)
        await world.enricher()
        end = await world.end_of(job_id)
        assert isinstance(end, events.ImportCompleted)
        assert end.counts == events.ImportCounts(added=self.ROWS - 2, unchanged=1, conflict=0, rejected=1)
        progress = [one.body for one in await world.history(subjects.job_event(job_id))][:-1]
        assert [said.chunk for said in progress if isinstance(said, events.ImportProgressed)] == list(
            range(1, self.ROWS // MAX_IMPORT_ROWS + 1)
        )
        noted = [row for said in progress if isinstance(said, events.ImportProgressed) for row in said.noted]
        assert [(row.row, row.result, row.field) for row in noted] == [(11, "rejected", "year")]
        info = await world.bus.api(f"STREAM.INFO.{streams.EVENTS}", b'{"subjects_filter": "metarr.evt.movie.*"}')
        assert len(info["state"]["subjects"]) == self.ROWS - 2

    async def test_it_can_be_cancelled_while_it_runs(self, world: World) -> None:
        """It ends after the rows that are being added; they stay and are counted."""
        await world.enricher()
        job_id = await self.upload(world, rows(5_000))
        await eventually(lambda: self._chunks(world, job_id, 1))
        await world.ask("cancel", jobId=job_id)
        assert isinstance(await world.end_of(job_id), events.ImportCancelled)
        story = [one.body for one in await world.history(subjects.job_event(job_id))]
        progress = [said for said in story if isinstance(said, events.ImportProgressed)]
        assert 0 < len(await added(world)) == progress[-1].counts.added < 5_000

    async def test_one_that_is_queued_can_be_cancelled(self, world: World) -> None:
        """It waits for another one; nothing of it is added."""
        await world.enricher()
        running = await self.upload(world, rows(2_000))
        queued = await self.upload(world, rows(400, 3_000))
        await world.ask("cancel", jobId=queued)
        assert isinstance(await world.end_of(queued), events.ImportCancelled)
        assert isinstance(await world.end_of(running), events.ImportCompleted)
        info = await world.bus.api(f"STREAM.INFO.{streams.EVENTS}", b'{"subjects_filter": "metarr.evt.movie.*"}')
        assert len(info["state"]["subjects"]) == 2_000

    async def test_an_upload_that_is_gone_fails(self, world: World) -> None:
        """It is kept for seven days."""
        await world.enricher()
        job_id = await world.command(subjects.import_command("gone"), b'{"upload": "gone", "rows": 1}')
        end = await world.end_of(job_id)
        assert isinstance(end, events.ImportFailed)
        assert end.error == "The upload is gone"

    async def _chunks(self, world: World, job_id: int, count: int) -> bool:
        last = await world.store.last(subjects.job_event(job_id))
        return last is not None and isinstance(last.body, events.ImportProgressed) and last.body.chunk >= count
