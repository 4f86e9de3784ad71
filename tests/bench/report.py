"""Figures as a table for a person and as JSON for a machine. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.figures import Figure, Spread

HEAD = ("row", "what", "measured", "against", "ratio", "to reach", "")
MET = {True: "reached", False: "NOT reached", None: ""}


def table(figures: Sequence[Figure]) -> str:
    """A table in Markdown, which is also readable as it is: medians, with the least and the greatest in brackets."""
    lines = [HEAD, *(_line(figure) for figure in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([drawn[0], rule, *drawn[1:]])


def notes(figures: Sequence[Figure]) -> str:
    """What has to be known of single lines of the table."""
    return "\n".join(f"* {figure.name}: {figure.note}" for figure in figures if figure.note)


def as_json(figures: Sequence[Figure], about: dict[str, Any]) -> str:
    """All figures with all their rounds."""
    return json.dumps({**about, "figures": [_record(figure) for figure in figures]}, indent=2, ensure_ascii=False)


def _line(figure: Figure) -> tuple[str, ...]:
    measured = f"{_shown(figure.spread_of_values)} {figure.unit}".strip()
    ceiling = figure.spread_of_ceilings
    against = f"{figure.against}: {number(ceiling.median)} {figure.unit}".strip() if ceiling else ""
    ratio = _shown(figure.judged) if figure.ceilings else ""
    goal = f"{figure.goal.kind} {number(figure.goal.value)}{_unit_of_goal(figure)}" if figure.goal else ""
    return (str(figure.row), figure.name, measured, against, ratio, goal, MET[figure.is_met])


def _unit_of_goal(figure: Figure) -> str:
    return " times" if figure.ceilings else f" {figure.unit}".rstrip()


def _shown(values: Spread) -> str:
    if values.least == values.greatest:
        return number(values.median)
    return f"{number(values.median)} ({number(values.least)} to {number(values.greatest)})"


def number(value: float) -> str:
    """Three figures that count, without an exponent: 0.482, 25.3, 8,405."""
    if value == 0:
        return "0"
    whole, with_ten, with_hundred = 100, 10, 1
    size = abs(value)
    places = 0 if size >= whole else 1 if size >= with_ten else 2 if size >= with_hundred else 3
    return f"{value:,.{places}f}"


def _record(figure: Figure) -> dict[str, Any]:
    judged = figure.judged
    return {
        **asdict(figure),
        "ratios": figure.ratios if figure.ceilings else (),
        "median": judged.median,
        "spread": judged.relative,
        "met": figure.is_met,
    }
