"""Which film it is: found out by TMDB, or said by a person; and an id is one film's only."""

import pytest
from tests.integration.enricher.conftest import Held, World, eventually

from metarr_chassis.errors import RefusedError
from metarr_contracts import events, streams, subjects
from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers.registry import Tmdb

MATRIX = ExternalIds(imdb="tt0133093", tmdb=603)
INCEPTION = ExternalIds(imdb="tt1375666", tmdb=27205)


async def holder(world: World, kind: str, claimed: str) -> int | None:
    """The film that holds the id."""
    last = await world.store.last(subjects.claim_event(kind, claimed))
    return last.body.movie_id if last and isinstance(last.body, events.ClaimTaken) else None


@pytest.mark.parametrize(
    ("film", "by"),
    [
        ({"imdbId": "tt0133093"}, ["lookup"]),
        ({"tmdbId": 603}, ["provider"]),
        ({"title": "The Matrix", "year": 1999}, ["lookup", "provider"]),
        ({"title": "the  MATRIX!", "year": 1999}, ["lookup", "provider"]),
    ],
)
async def test_the_ids_that_lack_are_found(world: World, film: dict[str, object], by: list[str]) -> None:
    """From the IMDb id, from the TMDB id, from title and year; then all three providers know the film."""
    await world.enricher()
    movie_id = await world.add(**film)
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert {fared.outcome for fared in end.providers} == {"found"}
    assert end.title == " ".join(str(film.get("title", "The Matrix")).split())
    story = await world.story(movie_id)
    assert [said.by for said in story if isinstance(said, events.MovieIdentified)] == by
    assert (await world.film(movie_id)).ids == MATRIX
    assert await holder(world, "imdb", "tt0133093") == await holder(world, "tmdb", "603") == movie_id


@pytest.mark.parametrize(("title", "candidates"), [("Two of Us Twins", 2), ("Somewhere Nowhere", 0)])
async def test_a_person_has_to_choose(world: World, title: str, candidates: int) -> None:
    """Of several, or because there is none: they are offered once, and the film is otherwise unchanged."""
    await world.enricher()
    movie_id = await world.add(title=title, year=1990)
    for _ in range(2):
        end = await world.refreshed(movie_id, force=True)
        assert isinstance(end, events.MovieEnriched)
        assert {fared.outcome for fared in end.providers} == {"not_found"}
        assert (end.changed, end.partial) == ({}, False)
    story = await world.story(movie_id)
    [found] = [said for said in story if isinstance(said, events.CandidatesFound)]
    assert len(found.candidates) == candidates
    assert (await world.film(movie_id)).ids == ExternalIds()
    assert (await world.requests()) == {"tmdb": 2, "omdb": 0, "fanart": 0}


async def test_the_lookup_too_is_fresh_for_a_while(world: World) -> None:
    """A film that TMDB does not know is not searched at each refresh."""
    await world.enricher()
    movie_id = await world.add(title="Somewhere Nowhere", year=1990)
    await world.refreshed(movie_id)
    await world.refreshed(movie_id)
    assert (await world.requests())["tmdb"] == 1


async def test_an_id_of_another_film_becomes_a_candidate(world: World) -> None:
    """Found by its title, but another film of the library has that id: a person sees which one."""
    await world.enricher()
    other = await world.add(tmdbId=603)
    movie_id = await world.add(title="The Matrix", year=1999)
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert end.changed == {}
    [found] = [said for said in await world.story(movie_id) if isinstance(said, events.CandidatesFound)]
    assert [(one.tmdb_id, one.movie_id) for one in found.candidates] == [(603, other)]
    assert await holder(world, "tmdb", "603") == other


async def test_an_imdb_id_of_another_film_is_left_to_it(world: World) -> None:
    """The film goes without it, and OMDb does not know it."""
    await world.enricher()
    other = await world.add(imdbId="tt0133093")
    movie_id = await world.add(tmdbId=603)
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert {fared.name: fared.outcome for fared in end.providers}["omdb"] == "not_found"
    assert (await world.film(movie_id)).ids == ExternalIds(tmdb=603)
    assert await holder(world, "imdb", "tt0133093") == other


@pytest.mark.parametrize("chosen", [{"tmdbId": 603}, {"imdbId": "tt133093"}])
async def test_a_person_says_which_film_it_is(world: World, chosen: dict[str, object]) -> None:
    """By either id; the next refresh finds the other one and everything else."""
    await world.enricher()
    movie_id = await world.add(title="Two of Us Twins", year=1990)
    await world.refreshed(movie_id)
    await world.ask("identify", movieId=movie_id, **chosen)
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert {fared.outcome for fared in end.providers} == {"found"}
    film = await world.film(movie_id)
    assert (film.ids, film.candidates, film.title) == (MATRIX, None, "Two of Us Twins")


async def test_a_correction_drops_what_came_from_the_wrong_film(world: World) -> None:
    """Own and locked values stay; the old ids are free for another film."""
    await world.enricher()
    movie_id = await world.add(tmdbId=603)
    await world.refreshed(movie_id)
    await world.ask("change", movieId=movie_id, fields={"awards": "own"}, lock=["plot"])
    before = await world.film(movie_id)
    await world.ask("identify", movieId=movie_id, tmdbId=27205)
    film = await world.film(movie_id)
    assert film.ids == ExternalIds(tmdb=27205)
    assert film.fields == {name: before.fields[name] for name in ("awards", "plot")}
    assert (await holder(world, "tmdb", "603"), await holder(world, "imdb", "tt0133093")) == (None, None)
    await world.refreshed(movie_id)
    film = await world.film(movie_id)
    assert film.ids == INCEPTION
    assert {name: film.fields[name] for name in ("awards", "plot")} == {
        name: before.fields[name] for name in ("awards", "plot")
    }
    assert film.fields["tagline"].asked_with == "tmdb:27205"
    assert await world.add(tmdbId=603) != movie_id


@pytest.mark.parametrize(
    ("wanted", "status", "code", "field"),
    [
        ({"movieId": 2, "tmdbId": 603}, 409, "id_conflict", "tmdbId"),
        ({"movieId": 2, "imdbId": "tt0133093"}, 409, "id_conflict", "imdbId"),
        ({"movieId": 99, "tmdbId": 7}, 404, "movie_not_found", None),
        ({"movieId": 2}, 400, "invalid_request", "tmdbId"),
        ({"movieId": 2, "tmdbId": 7, "imdbId": "tt0000007"}, 400, "invalid_request", "tmdbId"),
        ({"movieId": 2, "tmdbId": 0}, 400, "invalid_request", "tmdbId"),
        ({"movieId": 2, "imdbId": "nm7"}, 400, "invalid_request", "imdbId"),
        ({"tmdbId": 7}, 400, "invalid_request", "movieId"),
    ],
)
async def test_what_cannot_be_is_refused(
    world: World, wanted: dict[str, object], status: int, code: str, field: str | None
) -> None:
    """With a status, a code, the field, and the film in the way; and the film stays as it was."""
    await world.enricher()
    await world.add(imdbId="tt0133093", tmdbId=603)
    movie_id = await world.add(title="Alien")
    with pytest.raises(RefusedError) as refused:
        await world.ask("identify", **wanted)
    assert (refused.value.status, refused.value.refused.code, refused.value.refused.field) == (status, code, field)
    assert refused.value.refused.movie_id == (1 if code == "id_conflict" else None)
    assert len(await world.story(movie_id)) == 1


async def test_a_person_who_corrects_a_film_while_it_is_refreshed_is_not_overruled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the job finds out of the old film is not said, its claims are free, and the new film is asked about."""
    held = Held(monkeypatch, Tmdb)
    await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999)
    job_id = await world.refresh(movie_id)
    await eventually(lambda: world.bus.last_message(streams.ANSWERS, subjects.lookup_answer(movie_id)))
    await eventually(lambda: _has_id(world, movie_id))
    await world.ask("identify", movieId=movie_id, tmdbId=27205)
    held.go_on.set()
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    film = await world.film(movie_id)
    assert film.ids == INCEPTION
    assert {value.asked_with for value in film.fields.values()} <= INCEPTION.asked_with()
    assert (await holder(world, "tmdb", "603"), await holder(world, "imdb", "tt0133093")) == (None, None)


async def _has_id(world: World, movie_id: int) -> bool:
    return (await world.film(movie_id)).ids.tmdb is not None


async def test_a_removed_film_gives_its_ids_back(world: World) -> None:
    """Added again it is another film with an id of its own, and nothing of the old one."""
    await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999, imdbId="tt0133093")
    await world.refreshed(movie_id)
    await world.ask("remove", movieId=movie_id)
    assert (await holder(world, "tmdb", "603"), await holder(world, "imdb", "tt0133093")) == (None, None)
    with pytest.raises(RefusedError, match="Movie not found"):
        await world.ask("remove", movieId=movie_id)
    again = await world.add(title="The Matrix", year=1999, imdbId="tt0133093")
    assert again > movie_id
    assert (await world.film(again)).fields == {}
    assert await holder(world, "imdb", "tt0133093") == again


async def test_a_title_can_be_added_again_after_its_film_was_removed(world: World) -> None:
    """A film known by its title alone too."""
    await world.enricher()
    movie_id = await world.add(title="Alien", year=1979)
    await world.ask("remove", movieId=movie_id)
    assert await world.add(title="Alien", year=1979) > movie_id
