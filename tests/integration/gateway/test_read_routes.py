"""Addresses that show a read model: what the bus said, wrapped."""

import json

import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_chassis.bus import connect
from metarr_chassis.errors import RefusedError
from metarr_contracts.http import Failure, Success
from metarr_contracts.readmodels import LibraryStats, Query
from metarr_gateway import examples
from metarr_gateway.errors import ApiError
from metarr_gateway.queries import Queries
from metarr_gateway.settings import GatewaySettings

STATS = json.dumps(examples.ANSWERS["library_stats"]).encode()


async def test_what_the_projector_said_is_wrapped_byte_by_byte(gateway: Gateway) -> None:
    """The answer is not parsed and written anew: an unknown field and the order of the names stay."""
    gateway.stand_in.on("metarr.query.library.stats", b'{"z":1,"a":[ 1.50 ]}')
    async with gateway.http.get("/api/movies/enrichment/stats") as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        assert await response.read() == b'{"success":true,"data":{"z":1,"a":[ 1.50 ]}}'


async def test_stats_have_the_documented_body(gateway: Gateway) -> None:
    """`GET /api/movies/enrichment/stats` answers with the product document's names and types."""
    gateway.stand_in.on("metarr.query.library.stats", STATS)
    status, body = await gateway.get("/api/movies/enrichment/stats")
    assert status == 200
    assert Success[LibraryStats].model_validate(body).data.average_completeness == 78.5


@pytest.mark.parametrize(
    ("path", "subject", "asked"),
    [
        ("/api/movies/enrichment/stats?after=7", "library.stats", {"after": 7}),
        ("/api/movies/12/enrichment-status?after=7", "movie.status", {"movieId": 12, "after": 7}),
        ("/api/movies/12?after=7", "movie.get", {"movieId": 12, "after": 7}),
        (
            "/api/movies?after=7&filter=incomplete&limit=2",
            "movie.list",
            {"after": 7, "filter": "incomplete", "limit": 2},
        ),
        (
            "/api/movies/12/history?after=7&limit=5&before=40",
            "movie.history",
            {"movieId": 12, "after": 7, "limit": 5, "before": 40},
        ),
        ("/api/jobs/12?after=7&rowOffset=3", "job.get", {"jobId": 12, "after": 7, "rowOffset": 3}),
        ("/api/providers/status?after=7", "provider.status", {"after": 7}),
        (
            "/api/activity/history?type=bulk_enrichment&limit=5&cursor=4100&after=7",
            "activity.list",
            {"type": "bulk_enrichment", "limit": 5, "cursor": "4100", "after": 7},
        ),
        ("/api/activity/history", "activity.list", {}),
    ],
)
async def test_every_read_model_can_be_waited_for(
    gateway: Gateway, path: str, subject: str, asked: dict[str, object]
) -> None:
    """`after` and the other parameters reach the query."""
    gateway.stand_in.on(f"metarr.query.{subject}", b"{}")
    assert await gateway.get(path) == (200, {"success": True, "data": {}})
    assert [(name, json.loads(body)) for name, body in gateway.stand_in.asked] == [(f"metarr.query.{subject}", asked)]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/movies?limit=0", "limit"),
        ("/api/movies?limit=ten", "limit"),
        ("/api/movies?sort=colour", "sort"),
        ("/api/movies?colour=red", "colour"),
        ("/api/movies?limit=1&limit=2", "limit"),
        ("/api/movies/enrichment/stats?after=-1", "after"),
        ("/api/movies/1/enrichment-status?movieId=2", "movieId"),
        ("/api/movies/01/enrichment-status", "id"),
        ("/api/movies/abc", "id"),
        ("/api/movies/%2B1", "id"),
        ("/api/enrichment/bulk-status?force=true", "force"),
        ("/api/activity/history?type=imports", "type"),
        ("/api/activity/history?limit=201", "limit"),
        ("/api/activity/history?page=2", "page"),
        ("/api/rules?onQuota=stop", "onQuota"),
        ("/api/jobs/0", "id"),
        ("/api/jobs/1?rowOffset=x", "rowOffset"),
        ("/api/jobs/1?rowOffset=99999999999999999999", "rowOffset"),
        ("/api/jobs/9999999999999999", "id"),
        ("/api/movies/enrichment/stats?after=99999999999999999999", "after"),
    ],
)
async def test_a_wrong_parameter_is_named(gateway: Gateway, path: str, field: str) -> None:
    """400 says which parameter is wrong, in a sentence; nobody is asked."""
    status, body = await gateway.get(path)
    assert status == 400
    failure = Failure.model_validate(body)
    assert (failure.code, failure.field) == ("invalid_request", field)
    assert failure.error.startswith(f"{field}: ")
    assert gateway.stand_in.asked == []


async def test_an_unknown_film_is_404(gateway: Gateway) -> None:
    """The refusal of the read models reaches the caller as documented."""
    gateway.stand_in.on("metarr.query.movie.status", RefusedError(404, "Movie not found", "movie_not_found"))
    answer = await gateway.get("/api/movies/5/enrichment-status")
    assert answer == (404, {"success": False, "error": "Movie not found", "code": "movie_not_found"})


async def test_the_database_away_is_500(gateway: Gateway) -> None:
    """500 "Database error"; the gateway stays ready."""
    gateway.stand_in.on("metarr.query.library.stats", RefusedError(500, "Database error", "database_error"))
    answer = await gateway.get("/api/movies/enrichment/stats")
    assert answer == (500, {"success": False, "error": "Database error", "code": "database_error"})
    assert (await gateway.get("/readyz"))[0] == 200


async def test_nobody_who_answers_is_500(settings: GatewaySettings) -> None:
    """The same sentence as for the database; the code tells that the projector does not run."""
    async with connect(settings.nats_url, "gateway") as bus:
        with pytest.raises(ApiError) as raised:
            await Queries(bus).ask("library.stats", Query())
    assert json.loads(raised.value.body()) == {
        "success": False,
        "error": "Database error",
        "code": "projector_unavailable",
    }
    assert raised.value.http_status == 500


async def test_unknown_addresses_and_methods_are_json(gateway: Gateway) -> None:
    """404 and 405 have the one form of failures; 405 says what is allowed."""
    for path in ("/nowhere", "/api/enrichment", "/api/providers/omdb/resume/now"):
        status, body = await gateway.get(path)
        assert (status, Failure.model_validate(body).code) == (404, "not_found")
    async with gateway.http.put("/api/movies/1") as response:
        assert response.status == 405
        assert set(response.headers["Allow"].split(",")) == {"GET", "PATCH", "DELETE"}
        assert Failure.model_validate(await response.json()).code == "method_not_allowed"


async def test_a_plain_address_is_never_an_id(gateway: Gateway) -> None:
    """By a method that it does not know it is 405 and says its own methods, not those of a film."""
    for path, allowed in (("/api/movies/import", {"POST"}), ("/api/movies", {"GET", "POST"}), ("/ws", {"GET"})):
        async with gateway.http.delete(path) as response:
            assert response.status == 405
            assert set(response.headers["Allow"].split(",")) == allowed


async def test_the_socket_is_for_nothing_else(gateway: Gateway) -> None:
    """Who does not begin a WebSocket is told so."""
    status, body = await gateway.get("/ws")
    assert (status, Failure.model_validate(body).code) == (400, "invalid_request")
    assert "WebSocket" in Failure.model_validate(body).error


async def test_an_unexpected_answer_of_a_service_is_500_and_no_trace(gateway: Gateway) -> None:
    """What nobody foresaw is "Internal error", without any inner detail."""
    gateway.stand_in.on("metarr.lib.remove", b"no json")
    status, body = await gateway.ask("DELETE", "/api/movies/1")
    assert (status, body) == (500, {"success": False, "error": "Internal error", "code": "internal_error"})
