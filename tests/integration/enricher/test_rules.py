"""The rules of runs: defaults, what a person changes of them, and many who do so at once."""

import asyncio
from typing import Any

import pytest
from tests.integration.enricher.conftest import World

from metarr_chassis.clock import Clock
from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.rules import ChangeRules, RulesChanged, RulesReply, RunRules
from metarr_enricher.rules_log import RulesLog

DEFAULTS = {"onQuota": "stop", "manualReserve": 0, "tmdbChanges": True, "ageByRelease": True, "backOff": True}


async def test_the_defaults(world: World) -> None:
    """As long as nobody has changed anything there is no event."""
    await world.enricher()
    assert await world.ask("rules") == {**DEFAULTS, "seq": 0}
    assert await world.history(subjects.RULES_EVENTS) == []


async def test_what_is_named_is_changed(world: World) -> None:
    """The rest stays; the event holds all rules."""
    await world.enricher()
    first = await world.ask("rules", onQuota="pause_provider", manualReserve=20)
    assert first == {**DEFAULTS, "onQuota": "pause_provider", "manualReserve": 20, "seq": first["seq"]}
    second = await world.ask("rules", backOff=False, manualReserve=0)
    assert second == {**DEFAULTS, "onQuota": "pause_provider", "backOff": False, "seq": second["seq"]}
    told = await world.history(subjects.RULES_EVENTS)
    assert [one.seq for one in told] == [first["seq"], second["seq"]]
    assert isinstance(told[-1].body, RulesChanged)
    assert told[-1].body.rules == RunRules(on_quota="pause_provider", back_off=False)
    assert await RulesLog(world.store, Clock()).current() == (told[-1].body.rules, second["seq"])


async def test_nothing_new_is_no_event(world: World) -> None:
    """Neither nothing at all nor what is so already."""
    await world.enricher()
    changed = await world.ask("rules", tmdbChanges=False)
    assert [await world.ask("rules"), await world.ask("rules", tmdbChanges=False)] == [changed, changed]
    assert len(await world.history(subjects.RULES_EVENTS)) == 1


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"manualReserve": 91}, "manualReserve"),
        ({"manualReserve": "20"}, "manualReserve"),
        ({"onQuota": "go on"}, "onQuota"),
        ({"backoff": True}, "backoff"),
    ],
)
async def test_what_is_no_rule_is_refused(world: World, wanted: dict[str, Any], field: str) -> None:
    """The field is named, and nothing changes."""
    await world.enricher()
    with pytest.raises(RefusedError) as told:
        await world.ask("rules", **wanted)
    assert (told.value.status, told.value.refused.field) == (400, field)
    assert await world.history(subjects.RULES_EVENTS) == []


async def test_many_at_once_lose_nothing(world: World) -> None:
    """Each changes another rule; in the end all are changed."""
    changes: tuple[dict[str, Any], ...] = (
        {"on_quota": "pause_provider"},
        {"manual_reserve": 30},
        {"tmdb_changes": False},
        {"age_by_release": False},
        {"back_off": False},
    )
    logs = [RulesLog(world.store, Clock()) for _ in changes]
    pairs = zip(logs, changes, strict=True)
    replies = await asyncio.gather(*(log.change(ChangeRules(**change)) for log, change in pairs))
    assert len({reply.seq for reply in replies}) == len(changes)
    everything = {name: value for change in changes for name, value in change.items()}
    assert max(replies, key=lambda reply: reply.seq) == RulesReply(**everything, seq=max(one.seq for one in replies))
