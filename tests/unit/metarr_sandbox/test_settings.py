"""Control bodies: what may be set, and the field that a refusal names."""

from typing import Any

import pytest

from metarr_sandbox.counts import Counts
from metarr_sandbox.faults import mangled
from metarr_sandbox.settings import FanartSettings, InvalidSettingError, OmdbSettings, TmdbSettings, changed, shown


def test_a_patch_leaves_the_other_settings() -> None:
    """Only what is named changes."""
    settings = changed(changed(TmdbSettings(), {"dailyLimit": 3}), {"latencyMs": 5})
    assert (settings.daily_limit, settings.latency_ms, settings.key) == (3, 5, "sandbox-tmdb-key")


def test_null_takes_a_limit_or_fault_back() -> None:
    """DailyLimit and fault are null when there is none."""
    settings = changed(OmdbSettings(), {"dailyLimit": 3, "fault": {"kind": "timeout"}})
    settings = changed(settings, {"dailyLimit": None, "fault": None})
    assert settings == OmdbSettings()
    assert shown(settings)["fault"] is None


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"latencyMs": -1}, "latencyMs"),
        ({"latencyMs": "5"}, "latencyMs"),
        ({"ratePerSecond": 0}, "ratePerSecond"),
        ({"dailyLimit": -1}, "dailyLimit"),
        ({"key": ""}, "key"),
        ({"unknown": 1}, "unknown"),
        ({"limitForm": "status200"}, "limitForm"),
        ({"fault": {"kind": "earthquake"}}, "fault.kind"),
        ({"fault": {"kind": "http", "status": 200}}, "fault.status"),
        ({"fault": {"kind": "http", "count": 0}}, "fault.count"),
        ({"fault": {}}, "fault.kind"),
        ({"changed": {"2026-11-21": [0]}}, "changed.2026-11-21.0"),
        ([], ""),
    ],
)
def test_a_refusal_names_the_field(patch: Any, field: str) -> None:
    """The field is named as it stands in the body."""
    with pytest.raises(InvalidSettingError) as refusal:
        changed(TmdbSettings(), patch)
    assert refusal.value.field == field


def test_each_provider_has_settings_of_its_own() -> None:
    """OMDb's limit and fanart.tv's unknown films have forms."""
    assert shown(changed(OmdbSettings(), {"limitForm": "status200"}))["limitForm"] == "status200"
    assert shown(changed(FanartSettings(), {"unknownForm": "empty"}))["unknownForm"] == "empty"


def test_wrong_shape_keeps_keys_and_changes_every_type() -> None:
    """No value keeps its type."""
    body = {"id": 1, "title": "x", "genres": [1], "inner": {"a": 1}, "none": None, "flag": True}
    wrong = mangled(body)
    assert set(wrong) == set(body)
    assert not any(type(wrong[key]) is type(value) for key, value in body.items())


def test_films_are_set_to_change_by_day() -> None:
    """A map from day to TMDB ids, replaced as a whole; a day is YYYY-MM-DD."""
    settings = changed(TmdbSettings(), {"changed": {"2026-11-20": [1]}})
    assert shown(changed(settings, {"changed": {"2026-11-21": [603, 604]}}))["changed"] == {"2026-11-21": [603, 604]}
    for day in ("2026-11-2", "20261121", "today"):
        with pytest.raises(InvalidSettingError, match="changed"):
            changed(settings, {"changed": {day: []}})


def test_counts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids beyond the most are counted together; the log keeps the last."""
    monkeypatch.setattr("metarr_sandbox.counts.MOST_IDS", 2)
    counts = Counts()
    for number in range(2500):
        entry = counts.arrived("movie", str(number), "now", number / 128)
        counts.ended(entry, 200, None, answered=True)
    view = counts.shown(5)
    assert (view["requests"], len(view["byId"]), view["idsNotCounted"]) == (2500, 2, 2498)
    assert view["answeredById"] == {"0": 1, "1": 1}
    assert [entry["id"] for entry in view["log"]] == ["2495", "2496", "2497", "2498", "2499"]
    assert len(counts.log) == 2000
    assert view["peakPerSecond"] == 128
