"""Films come in: the real list of 1,794 titles, repeated and racing imports, large ones as jobs."""

import asyncio
import json

from tests.e2e.client import Api, api_of, steps
from tests.e2e.library import BECHDEL_FILMS, import_bechdel, import_csv, import_ended, needs_bechdel
from tests.e2e.system import System, running


@needs_bechdel
async def test_the_main_job_on_real_titles() -> None:
    """1,794 rows in, again 1,794 unchanged, 50 refreshed with live progress; stats and status true."""
    async with running() as system, api_of(system.url, patient=True) as api:
        first = await import_bechdel(api)
        assert first["added"] == BECHDEL_FILMS
        notes = [row["note"] for row in first["rows"] if row["note"]]
        assert notes == ["IMDb id tt420238 read as tt0420238", "IMDb id tt00293564 read as tt0293564"]
        titles = {row["title"] for row in first["rows"]}
        assert "21 & Over" in titles
        second = await import_bechdel(api)
        assert (second["added"], second["unchanged"]) == (0, BECHDEL_FILMS)
        completeness = []
        async with api.socket() as socket:
            await socket.subscribe()
            for movie_id in range(1, 51):
                frames = await api.refresh(socket, movie_id)
                assert steps(frames) == [0, 33, 66, 100]
                status = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
                assert status["completeness"] == frames[-1]["completeness"]
                assert len(status["missingFields"]) == round(20 * (100 - status["completeness"]) / 100)
                completeness.append(status["completeness"])
        stats = (await api.get("/api/movies/enrichment/stats")).data
    assert stats["total"] == BECHDEL_FILMS
    assert stats["enriched"] == sum(value >= 90 for value in completeness)
    assert stats["partiallyEnriched"] == sum(60 <= value < 90 for value in completeness)
    assert stats["unenriched"] == BECHDEL_FILMS - stats["enriched"] - stats["partiallyEnriched"]
    assert stats["averageCompleteness"] == round(sum(completeness) / BECHDEL_FILMS + 1e-9, 1)


async def test_a_bad_row_stops_nothing(api: Api) -> None:
    """Each row has a result of its own, with row, field and reason."""
    content = (
        "\ufeffyear,IMDB ID,Title,tmdb\n"
        "1999,tt0137523,Fight Club,550\n"
        "abc,tt0000002,Bad year,\n"
        "2001,xyz,Bad id,\n"
        "2010,tt0137523,The same again,550\n"
        ",,,\n"
        "2010,tt0137523,Two films in one,348\n"
        "1979,,Älien &amp; Söhne 异形,348\n"
    ).encode()
    data = await import_csv(api, content)
    rows = data["rows"]
    assert [(row["result"], row["field"]) for row in rows] == [
        ("added", None),
        ("rejected", "year"),
        ("rejected", "imdbId"),
        ("unchanged", None),
        ("conflict", "tmdbId"),
        ("added", None),
    ]
    assert rows[-1]["title"] == "Älien & Söhne 异形"
    found = await api.get("/api/movies", search="sohne 异", after=data["seq"])
    assert [movie["title"] for movie in found.data["movies"]] == ["Älien & Söhne 异形"]


async def test_racing_imports_add_each_film_once(api: Api) -> None:
    """Two clients import the same list at once."""
    rows = json.dumps([{"title": f"Race {n}", "imdbId": f"tt{3_000_000 + n}"} for n in range(300)])
    answers = await asyncio.gather(
        *(
            api.request("POST", "/api/movies/import", data=rows, headers={"Content-Type": "application/json"})
            for _ in range(2)
        )
    )
    assert sum(answer.data["added"] for answer in answers) == 300
    assert sum(answer.data["unchanged"] for answer in answers) == 300


async def test_a_large_import_is_a_job_that_survives_a_crash(system: System, api: Api) -> None:
    """Over 5,000 rows: 202 and a job with progress and report; killed in the middle, the counts are still exact."""
    rows = [f'{{"title": "Large {n}", "imdbId": "tt{4_000_000 + n}"}}' for n in range(7_000)]
    rows[6_000] = '{"title": "Bad", "year": "soon"}'
    accepted = await api.request(
        "POST", "/api/movies/import", data="\n".join(rows), headers={"Content-Type": "application/x-ndjson"}
    )
    assert accepted.status == 202
    job = accepted.data["jobId"]

    async with asyncio.timeout(60):
        while (await api.get(f"/api/jobs/{job}")).data["progress"] == 0:
            await asyncio.sleep(0.02)
    await system.kill("enricher")
    await system.start("enricher")
    report = await import_ended(api, job)
    assert report["counts"] == {"added": 6_999, "unchanged": 0, "conflict": 0, "rejected": 1}
    assert [(row["row"], row["field"]) for row in report["rows"]] == [(6_001, "year")]
