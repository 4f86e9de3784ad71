"""What the enricher is told: keys and a demo exclude each other, and a provider without a key is off."""

import pytest
from pydantic import ValidationError

from metarr_contracts.fields import PROVIDERS
from metarr_enricher.fingerprint import fingerprint
from metarr_enricher.settings import EnricherSettings

SANDBOX = "http://127.0.0.1:3999"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the environment of the tests."""
    for name in EnricherSettings.model_fields:
        monkeypatch.delenv(f"METARR_{name.upper()}", raising=False)


def test_a_demo_asks_the_sandbox_for_everything() -> None:
    """All three providers are on, at the sandbox's address and with its keys."""
    settings = EnricherSettings(sandbox_url=f"{SANDBOX}/")
    assert [settings.key(name) for name in PROVIDERS] == [f"sandbox-{name}-key" for name in PROVIDERS]
    assert [settings.url(name) for name in PROVIDERS] == [
        f"{SANDBOX}/tmdb/3",
        f"{SANDBOX}/omdb/",
        f"{SANDBOX}/fanart/v3",
    ]


def test_a_provider_without_a_key_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty key is none."""
    monkeypatch.setenv("METARR_TMDB_KEY", "secret")
    monkeypatch.setenv("METARR_OMDB_KEY", "")
    settings = EnricherSettings()
    assert [settings.key(name) for name in PROVIDERS] == ["secret", None, None]
    assert settings.url("tmdb") == "https://api.themoviedb.org/3"


def test_keys_and_demo_never_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up films would end in a real library."""
    monkeypatch.setenv("METARR_OMDB_KEY", "secret")
    with pytest.raises(ValidationError, match="METARR_OMDB_KEY is set, but this is a demo"):
        EnricherSettings(sandbox_url=SANDBOX)


def test_without_any_key_there_is_nothing_to_do() -> None:
    """It is said which settings are missing."""
    with pytest.raises(ValidationError, match="no provider key is set; set METARR_TMDB_KEY"):
        EnricherSettings()


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even in the settings' own text."""
    monkeypatch.setenv("METARR_TMDB_KEY", "secret-of-mine")
    assert "secret-of-mine" not in repr(EnricherSettings())


def test_a_fingerprint_tells_keys_apart_and_keeps_none() -> None:
    """The same key in another store has another one."""
    prints = {fingerprint(key, store) for key in ("a", "b") for store in ("x", "y")}
    assert len(prints) == 4
    assert fingerprint("a", "x") == fingerprint("a", "x")
    assert fingerprint(None, "x") is None


def test_a_run_leaves_hands_free() -> None:
    """A refresh by hand starts at once; who sets it otherwise is told both names."""
    settings = EnricherSettings(sandbox_url=SANDBOX)
    assert (settings.bulk_window, settings.concurrency) == (16, 24)
    assert EnricherSettings(sandbox_url=SANDBOX, bulk_window=1, concurrency=2).bulk_window == 1
    with pytest.raises(ValidationError, match=r"METARR_BULK_WINDOW \(16\).*METARR_CONCURRENCY \(16\)"):
        EnricherSettings(sandbox_url=SANDBOX, concurrency=16)
