"""The rules for runs, and a provider that is tested: the enricher is asked, its answer becomes a status."""

import asyncio
import json
from typing import Any

import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.library import Resumed
from metarr_contracts.rules import RulesReply
from metarr_gateway import library

RULES = subjects.library("rules")
RESUME = subjects.library("resume")
REPLY = RulesReply(manual_reserve=10, seq=7)


async def test_the_rules_are_shown(gateway: Gateway) -> None:
    """Asking changes nothing."""
    gateway.stand_in.on(RULES, REPLY.to_json())
    assert await gateway.get("/api/rules") == (200, {"success": True, "data": json.loads(REPLY.to_json())})
    assert [json.loads(payload) for _, payload in gateway.stand_in.asked] == [{}]


@pytest.mark.parametrize("body", [{"manualReserve": 10}, {"onQuota": "pause_provider", "backOff": False}, {}, None])
async def test_the_rules_are_changed(gateway: Gateway, body: dict[str, Any] | None) -> None:
    """What is named reaches the enricher and nothing else does; nothing named changes nothing. The rules come back."""
    gateway.stand_in.on(RULES, REPLY.to_json())
    status, answer = await gateway.ask("PATCH", "/api/rules", **({} if body is None else {"json": body}))
    assert (status, answer["data"]["manualReserve"], answer["data"]["seq"]) == (200, 10, 7)
    assert [json.loads(payload) for _, payload in gateway.stand_in.asked] == [body or {}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"onQuota": "ignore"}, "onQuota"),
        ({"manualReserve": 91}, "manualReserve"),
        ({"manualReserve": "10"}, "manualReserve"),
        ({"backOff": "no"}, "backOff"),
        ({"backOff": None}, "backOff"),
        ({"onQuota": None, "manualReserve": 10}, "onQuota"),
        ({"weights": {}}, "weights"),
    ],
)
async def test_a_rule_that_is_wrong_is_named(gateway: Gateway, body: dict[str, Any], field: str) -> None:
    """400; nobody is asked."""
    status, answer = await gateway.ask("PATCH", "/api/rules", json=body)
    assert (status, answer["code"], answer["field"]) == (400, "invalid_request", field)
    assert gateway.stand_in.asked == []


async def test_a_provider_that_answers_is_resumed(gateway: Gateway) -> None:
    """200, with what a person reads and what to read after."""
    gateway.stand_in.on(RESUME, Resumed(provider="omdb", message="OMDB answers again", seq=9).to_json())
    answer = await gateway.post("/api/providers/omdb/resume")
    assert answer == (200, {"success": True, "data": {"provider": "omdb", "message": "OMDB answers again", "seq": 9}})
    assert json.loads(gateway.stand_in.asked[0][1]) == {"provider": "omdb"}


@pytest.mark.parametrize(
    "code", ["provider_off", "provider_still_limited", "provider_key_refused", "provider_unavailable"]
)
async def test_a_provider_that_does_not_is_409(gateway: Gateway, code: str) -> None:
    """The code says what is wrong, the enricher's sentence says it for a person."""
    gateway.stand_in.on(RESUME, RefusedError(409, "OMDB: Request limit reached!", code))
    answer = await gateway.post("/api/providers/omdb/resume")
    assert answer == (409, {"success": False, "error": "OMDB: Request limit reached!", "code": code})


@pytest.mark.parametrize("name", ["imdb", "OMDB", "nfo"])
async def test_a_provider_that_there_is_not_is_404(gateway: Gateway, name: str) -> None:
    """Nobody is asked."""
    status, body = await gateway.post(f"/api/providers/{name}/resume")
    assert (status, body["code"]) == (404, "provider_not_found")
    assert gateway.stand_in.asked == []


async def test_what_is_wrong_is_said_first(gateway: Gateway) -> None:
    """400 comes before 404."""
    status, body = await gateway.post("/api/providers/imdb/resume?now=1")
    assert (status, body["field"]) == (400, "now")


async def test_a_test_that_takes_too_long_is_500(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider may be slow to answer; whoever waits is told in the end."""
    assert library.PATIENCE_SECONDS["resume"] == 25
    monkeypatch.setattr(library, "PATIENCE_SECONDS", {"resume": 0.2})
    answer = asyncio.Event()

    async def hang(_: bytes) -> bytes:
        await answer.wait()
        return b"{}"

    gateway.stand_in.on(RESUME, hang)
    status, body = await gateway.post("/api/providers/omdb/resume")
    answer.set()
    assert (status, body["code"]) == (500, "bus_unavailable")
