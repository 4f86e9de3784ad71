"""A person adds a film by searching for it: candidates with posters, one is chosen, and is known the next time."""

from urllib.parse import urlsplit

from tests.e2e.client import Api


async def test_from_a_search_to_a_film(api: Api) -> None:
    """Part of the title is enough; the poster is served by Metarr; what has been added is named in the next search."""
    listed = (await api.get("/api/candidates", title="pinocchio", year=2022)).data["candidates"]
    assert {candidate["year"] for candidate in listed} == {2022}
    assert [candidate["movieId"] for candidate in listed] == [None, None]

    file = urlsplit(listed[0]["poster"]).path.rpartition("/")[2]
    async with api.session.get(f"{api.url}/api/pictures/tmdb/{file}?w=154") as picture:
        assert (picture.status, picture.content_type) == (200, "image/jpeg")

    chosen = listed[1]
    film = {"title": chosen["title"], "year": chosen["year"], "tmdbId": chosen["tmdbId"]}
    movie_id = (await api.post("/api/movies", film)).data["movieId"]
    again = (await api.get("/api/candidates", title="Pinocchio")).data["candidates"]
    assert {candidate["tmdbId"]: candidate["movieId"] for candidate in again} == {
        listed[0]["tmdbId"]: None,
        chosen["tmdbId"]: movie_id,
    }


async def test_a_search_without_a_title(api: Api) -> None:
    """400 names it."""
    answer = await api.get("/api/candidates")
    assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "invalid_request", "title")
