"""Values that say something become answered values; empty ones are left out."""

from collections.abc import Mapping

from metarr_contracts.answers import AnsweredValue
from metarr_contracts.base import Json


def answered(values: Mapping[str, Json], language: str | None = None) -> dict[str, AnsweredValue]:
    """The values without the empty ones, all in one language or (None) in none.

    A 0 stays: readers drop it where it means unknown, and a film can have a score of 0.
    """
    return {
        name: AnsweredValue(value=value, language=language)
        for name, value in values.items()
        if value is not None and value not in ("", [])
    }
