"""One trace from HTTP over the bus and the providers to the rows and the live note."""

import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from tests.e2e.client import Api, api_of
from tests.e2e.collector import Collector, collecting
from tests.e2e.system import KEYS, System, running
from tests.e2e.trace_tree import SeenSpan, parents, render

CALLER = "00f067aa0ba902b7"
REFRESH = "POST /api/movies/{id}/enrich"
PROVIDERS = ("GET tmdb", "GET omdb", "GET fanart")
LAST_NOTE = ("process metarr.movie.enriched.v1", "deliver metarr.live.movie")


@dataclass
class Traced:
    """A system whose spans are collected, and a client of it."""

    system: System
    api: Api
    collector: Collector

    async def add(self, **film: object) -> int:
        """Add a film; its id."""
        added = await self.api.post("/api/movies", film)
        movie_id: int = added.data["movieId"]
        return movie_id

    async def refresh(self, movie_id: int) -> list[SeenSpan]:
        """The trace of a refresh that somebody asks for who has a trace of their own."""
        trace_id = uuid4().hex
        headers = {"traceparent": f"00-{trace_id}-{CALLER}-01"}
        async with self.api.socket() as socket:
            accepted = await self.api.request("POST", f"/api/movies/{movie_id}/enrich", headers=headers)
            await socket.until_end(accepted.data["jobId"])
        # Roots are sent last by their process.
        await self.collector.until(lambda: {LAST_NOTE, (REFRESH, "send metarr.cmd.enrich")} <= self._parents(trace_id))
        await self.collector.until(lambda: ("process metarr.cmd.enrich", "GET tmdb") in self._parents(trace_id))
        return self.collector.of(trace_id)

    def _parents(self, trace_id: str) -> set[tuple[str, str]]:
        return parents(self.collector.of(trace_id))


@pytest.fixture(scope="module")
async def traced() -> AsyncIterator[Traced]:
    """A system with provider keys that sends its spans to us."""
    async with (
        collecting() as collector,
        running(demo=False, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="50") as system,
        api_of(system.url, patient=True) as api,
    ):
        yield Traced(system, api, collector)


async def test_a_refresh_is_one_trace(traced: Traced) -> None:
    """From the request to the last live note, with the parents that the architecture names."""
    movie_id = await traced.add(title="The Matrix", year=1999, imdbId="tt0133093", tmdbId=603)

    spans = await traced.refresh(movie_id)

    sys.stdout.write(f"\n{render(spans)}\n")
    assert {
        (REFRESH, "send metarr.cmd.enrich"),
        ("send metarr.cmd.enrich", "process metarr.cmd.enrich"),
        *(("process metarr.cmd.enrich", provider) for provider in PROVIDERS),
        ("process metarr.cmd.enrich", "deliver metarr.live.movie"),
        ("process metarr.cmd.enrich", "send metarr.evt.movie"),
        ("send metarr.evt.movie", "process metarr.movie.enriched.v1"),
        LAST_NOTE,
    } <= parents(spans)
    assert [span.name for span in spans if span.parent_id == CALLER] == [REFRESH]
    assert [span.name for span in spans if span.is_error] == []
    # 0, 33, 66, 100 and complete, each at least once: progress is repeated while a job takes long.
    assert Counter(span.name for span in spans)["deliver metarr.live.movie"] >= 5
    services = {span.name: span.service for span in spans}
    assert services[REFRESH] == services["deliver metarr.live.movie"] == "metarr-api-gateway"
    assert services["process metarr.cmd.enrich"] == "metarr-enricher"
    assert services["process metarr.movie.enriched.v1"] == "metarr-projector"


async def test_spans_say_what_the_conventions_ask_for(traced: Traced) -> None:
    """Attributes by the semantic conventions for HTTP and messaging; ids are in attributes and not in names."""
    movie_id = await traced.add(title="Alien", year=1979, imdbId="tt0078748", tmdbId=348)

    spans = {span.name: span for span in await traced.refresh(movie_id)}

    assert (
        spans[REFRESH].attributes.items()
        >= {
            "http.request.method": "POST",
            "http.route": "/api/movies/{id}/enrich",
            "http.response.status_code": 202,
            "url.path": f"/api/movies/{movie_id}/enrich",
        }.items()
    )
    assert (
        spans["process metarr.cmd.enrich"].attributes.items()
        >= {
            "messaging.system": "nats",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": f"metarr.cmd.enrich.{movie_id}",
            "messaging.destination.template": "metarr.cmd.enrich",
            "metarr.outcome": "done",
        }.items()
    )
    assert (
        spans["GET omdb"].attributes.items()
        >= {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "server.address": "127.0.0.1",
            "metarr.provider": "omdb",
            "metarr.outcome": "found",
        }.items()
    )
    kinds = [spans[name].kind for name in (REFRESH, "send metarr.cmd.enrich", "process metarr.cmd.enrich", *PROVIDERS)]
    assert kinds == ["SERVER", "PRODUCER", "CONSUMER", "CLIENT", "CLIENT", "CLIENT"]


async def test_requests_on_the_bus_are_client_and_server(traced: Traced) -> None:
    """Who asks on the bus and who answers are two spans; a refusal for the asker is no error of ours."""
    assert (await traced.api.get("/api/movies/999999")).status == 404

    asked, answered = "request metarr.query.movie.get", "answer metarr.query.movie.get"
    await traced.collector.until(lambda: {("GET /api/movies/{id}", asked), (asked, answered)} <= _all_parents(traced))
    spans = {span.name: span for span in traced.collector.spans}
    assert (spans[asked].kind, spans[answered].kind) == ("CLIENT", "SERVER")
    assert spans[answered].attributes["metarr.outcome"] == "movie_not_found"
    assert not spans[answered].is_error


async def test_each_film_of_a_run_has_a_trace_of_its_own(traced: Traced) -> None:
    """It is linked to the trace of the run, which would be too large with all of them."""
    await traced.add(title="Heat", year=1995, imdbId="tt0113277", tmdbId=949)

    await traced.api.run_ended(await traced.api.start_run(force=True))

    await traced.collector.until(
        lambda: any(span.name == "process metarr.cmd.bulk.run" for span in traced.collector.spans)
    )
    spans = traced.collector.spans
    run = next(span for span in spans if span.name == "process metarr.cmd.bulk.run")
    films = [span for span in spans if span.name == "film of a run"]
    assert films
    assert {span.linked for span in films} == {(run.trace_id,)}
    assert {span.parent_id for span in films} == {""}
    assert not {span.trace_id for span in films} & {run.trace_id}


async def test_the_rows_of_an_import_have_a_trace_of_their_own(traced: Traced) -> None:
    """It is linked to the request; an import of thousands of films is many traces of some size."""
    await traced.api.post(
        "/api/movies/import", [{"title": "Jaws", "imdbId": "tt0073195"}, {"title": "Ran", "year": 1985}]
    )

    await traced.collector.until(lambda: ("import rows", "send metarr.evt.movie") in _all_parents(traced))
    await traced.collector.until(lambda: any(span.name == "POST /api/movies/import" for span in traced.collector.spans))
    spans = {span.name: span for span in traced.collector.spans}
    assert spans["import rows"].linked == (spans["POST /api/movies/import"].trace_id,)
    assert spans["import rows"].parent_id == ""


async def test_no_span_holds_a_provider_key(traced: Traced) -> None:
    """Keys are in queries and headers of requests, and in nothing that is sent to a collector."""
    await traced.refresh(await traced.add(title="Se7en", year=1995, imdbId="tt0114369", tmdbId=807))

    assert not [key for key in KEYS.values() for body in traced.collector.bodies if key.encode() in body]


async def test_log_lines_say_trace_and_correlation(traced: Traced) -> None:
    """The lines of a request and of the command that it led to are found together."""
    spans = await traced.refresh(await traced.add(title="Fargo", year=1996, imdbId="tt0116282", tmdbId=275))

    trace_id = f"trace_id={spans[0].trace_id}"
    [request] = [line for line in traced.system.log("gateway").splitlines() if trace_id in line]
    [command] = [line for line in traced.system.log("enricher").splitlines() if trace_id in line]
    assert request.split("correlation_id=")[1] == command.split("correlation_id=")[1]


def _all_parents(traced: Traced) -> set[tuple[str, str]]:
    return parents(traced.collector.spans)
