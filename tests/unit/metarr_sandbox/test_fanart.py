"""fanart.tv's rules: ids, absent types, keys, the two ways of not knowing a film."""

import json
from datetime import UTC, datetime
from typing import Any

from metarr_sandbox import fanart
from metarr_sandbox.library import Library
from metarr_sandbox.wire import Answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIBRARY = Library()


def _get(film_id: str, unknown_form: str = "mixed") -> Answer:
    return fanart.ask(LIBRARY, f"/movies/{film_id}", {}, NOW, unknown_form).answer()


def _bodies() -> list[Any]:
    return [body for number in range(300) if (body := json.loads(_get(str(20_000_000 + number), "empty").body))]


def test_both_ids_lead_to_the_film() -> None:
    """The TMDB id and the IMDb id give the same body."""
    assert _get("603").body == _get("tt0133093").body


def test_a_type_without_pictures_is_absent() -> None:
    """No type is ever an empty list, and each is absent somewhere."""
    bodies = _bodies()
    assert all(value != [] for body in bodies for value in body.values())
    for name in fanart._TYPES:
        assert 0 < sum(name in body for body in bodies) < len(bodies), name


def test_counts_are_numbers_beside_the_lists() -> None:
    """image_count is their sum."""
    for body in _bodies():
        lists = {name: value for name, value in body.items() if isinstance(value, list)}
        assert body["image_count"] == sum(map(len, lists.values()))
        assert all(body[f"{name}_count"] == len(value) for name, value in lists.items())


def test_addresses_are_unique_and_of_both_forms() -> None:
    """Old addresses carry id and type, today's are flat."""
    urls = [image["url"] for body in _bodies() for value in body.values() if isinstance(value, list) for image in value]
    assert len(set(urls)) == len(urls)
    assert {"/movies/" in url for url in urls} == {True, False}
    assert all(url.startswith("https://assets.fanart.tv/fanart/") for url in urls)


def test_pictures_are_sorted_by_likes() -> None:
    """The most liked comes first."""
    for body in _bodies():
        for value in body.values():
            if isinstance(value, list):
                likes = [int(image["likes"]) for image in value]
                assert likes == sorted(likes, reverse=True)


def test_an_unknown_film_is_a_404_or_an_empty_body() -> None:
    """Mixed by default, either one by setting."""
    unknown = [
        str(number) for number in range(20_000_000, 20_002_000) if json.loads(_get(str(number), "empty").body) == {}
    ]
    assert 110 < len(unknown) < 210
    mixed = [_get(film).status for film in unknown]
    assert 0.3 < mixed.count(404) / len(mixed) < 0.7
    assert {_get(film, "status404").status for film in unknown} == {404}
    assert json.loads(_get(unknown[0], "status404").body) == {"status": "error", "error message": "Not found"}


def test_keys() -> None:
    """Project key by parameter or header; the personal key by itself or beside a wrong one."""
    for query, headers in (
        ({"api_key": "k"}, {}),
        ({}, {"api-key": "k"}),
        ({"client_key": fanart.PERSONAL_KEY}, {}),
        ({"api_key": fanart.PERSONAL_KEY}, {}),
        ({}, {"client-key": fanart.PERSONAL_KEY}),
    ):
        assert fanart.key_refused(query, headers, "k") is None
    wrong, missing = fanart.key_refused({"api_key": "x"}, {}, "k"), fanart.key_refused({}, {}, "k")
    assert wrong is not None
    assert missing is not None
    assert (wrong.status, json.loads(wrong.body)) == (401, {"error": "invalid API key"})
    assert (missing.status, json.loads(missing.body)["error message"]) == (401, "API key is required")
