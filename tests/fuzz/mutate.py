"""Changes JSON as JSON, which the JSON reader alone would hardly let a change of bytes get past."""

import json
import random
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.0, 1.5, 1e308, 2**31, 2**53, 2**63, 2**64, 10**30, -(2**63), "", " ", "\x00"),
    *("\ud800", "N/A", "True", "False", "tt0133093", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31"),
    *("23:59:59", "1e5", "NaN", "\u0661", "\N{PILE OF POO}" * 200, "a" * 600, [], {}, [[]], [None], {"": None}),
)


def mutated(data: bytes, seed: int) -> bytes | None:
    """The JSON with some of its values changed, removed, repeated or exchanged; None where it is no JSON."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for start in (1, 0):
        try:
            value = json.loads(data[start:])
        except (ValueError, RecursionError):
            continue
        for _ in range(chance.randint(1, 3)):
            value = _changed(value, chance)
        return data[:start] + json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return None


def _changed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.9:
        return _changed_object(dict(value), chance)
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        changes: tuple[list[Any], ...] = (
            [_changed(value[place], chance)],
            [],
            [value[place]] * 2,
            [value[place]] * 300,
        )
        return [*value[:place], *changes[chance.choices(range(4), (12, 2, 2, 1))[0]], *value[place + 1 :]]
    if isinstance(value, str) and value and chance.random() < 0.5:
        place = chance.randrange(len(value))
        return (
            value[:place] + chance.choice(("", "\x00", "\ud800", "\u0130", ",", ".", "0", value)) + value[place + 1 :]
        )
    if isinstance(value, int | float) and chance.random() < 0.5:
        return chance.choice((-value, value + 1, float(min(value, 1e300)), str(value), value * 1_000_000))
    return chance.choice(ODD)


def _changed_object(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    name = chance.choice([*value])
    match chance.choices(("change", "drop", "rename", "exchange"), (12, 2, 1, 2))[0]:
        case "change":
            value[name] = _changed(value[name], chance)
        case "drop":
            del value[name]
        case "rename":
            value[chance.choice(("", "\x00", "extra", name + "_", name.upper()))] = value.pop(name)
        case _:
            value[name] = value[chance.choice([*value])]
    return value
