"""How far a refresh is: floored percentages, and who is asked now."""

from itertools import permutations

import pytest

from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_enricher.progress import Progress


@pytest.mark.parametrize("order", list(permutations(PROVIDERS)))
def test_three_providers_are_thirds_in_any_order(order: tuple[ProviderName, ...]) -> None:
    """0, 33, 66, 100; the current one is the first of those that remain."""
    progress = Progress(1, 5, PROVIDERS)
    notes = [progress.note()]
    for provider in order:
        progress.complete(provider)
        notes.append(progress.note())
    assert [note.progress for note in notes] == [0, 33, 66, 100]
    assert [note.providers_complete for note in notes] == [order[:n] for n in range(4)]
    assert all(note.current_provider == next(iter(note.providers_remaining), None) for note in notes)
    assert all({*note.providers_complete, *note.providers_remaining} == {*PROVIDERS} for note in notes)


def test_two_providers_are_halves() -> None:
    """A provider that is off takes no part."""
    progress = Progress(1, 5, ("tmdb", "fanart"))
    seen = [progress.note().progress]
    for provider in ("tmdb", "fanart"):
        progress.complete(provider)
        seen.append(progress.note().progress)
    assert seen == [0, 50, 100]
