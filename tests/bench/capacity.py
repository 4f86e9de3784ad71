"""What libraries of a size need, reckoned from what was measured: the second table of docs/scale.md. Pure.

python -m tests.bench.capacity    # prints it
"""

from dataclasses import dataclass

from tests.bench.report import number

NIGHTS = 365

REFRESHES_A_YEAR = 12.0
"""Of a film, by the default rules (`requests_a_year.py`)."""
REQUESTS_A_YEAR = {"TMDB": 6.8, "OMDb": 6.6, "fanart.tv": 6.6}
"""Of a film, by the same."""
RATES = {"TMDB": 40, "OMDb": 10, "fanart.tv": 10}
"""Requests a second, by the default settings."""
REFRESH_MS = 15.0
"""Processor time of a refresh, all processes together (`night_costs.py`)."""
LOOK_MS = 0.70
"""Processor time of a film that a run looks at and nobody is to be asked about (`night_costs.py`)."""
REFRESHED_PER_SECOND = 63
LOOKED_AT_PER_SECOND = 1_000
"""Both with everything on two processors and providers that answer at once (`night_costs.py`)."""
ADDED_EVENTS = 4
"""Of a film: two claims, added, enriched for the first time."""
ADDED_EVENT_BYTES = 8_590
"""These four (`disk.py`)."""
REFRESH_EVENT_BYTES = 2_860
"""Of each later refresh (`disk.py`)."""
ANSWER_BYTES = 4_770
"""The last answers of the three providers (`disk.py`)."""
ANSWERS_KEPT = 3
SNAPSHOT_BYTES = 5_020
"""Of a film (`disk.py`)."""
NIGHT_BYTES = 3_750
"""Events of a library in a night in which nothing is due (`disk.py`)."""
ROWS_BYTES = 5_460
"""Of a film in PostgreSQL after 60 nights, with indexes and without its jobs (`disk.py`)."""
JOB_ROW_BYTES = 160
"""Of a refresh in PostgreSQL, which keeps all of them (`disk.py`)."""
SUBJECTS = 7
"""Of a film: three of events, three of answers, a snapshot."""
SUBJECT_BYTES = 107
"""In the memory of NATS (`million_subjects.py`)."""
FOLDED_PER_SECOND = 28_000
"""Events that one projector makes rows of (`projection.py`)."""


@dataclass(frozen=True)
class Needs:
    """What so many libraries of so many films need in their first year."""

    films: int
    refreshes: float
    """A night."""
    processor_hours: float
    """A night, all processes together."""
    night_hours: float
    """How long a run over one library takes."""
    first_hours: dict[str, float]
    """How long a library's first run takes at each provider's rate."""
    requests: dict[str, float]
    """A night, of one library."""
    events_gb: float
    """METARR_EVENTS after a year, of all libraries."""
    streams_gb: float
    """All streams after a year, one copy."""
    rows_gb: float
    """PostgreSQL after a year."""
    memory_gb: float
    """NATS, for its subjects alone."""
    rebuild_hours: float
    """All read models of a year, by one projector."""


def needs(libraries: int, films: int) -> Needs:
    """What so many libraries of so many films each need."""
    together = libraries * films
    refreshed = films * REFRESHES_A_YEAR / NIGHTS
    refreshes_a_year = together * REFRESHES_A_YEAR
    events = (
        together * ADDED_EVENT_BYTES + refreshes_a_year * REFRESH_EVENT_BYTES + libraries * NIGHTS * NIGHT_BYTES
    ) / 1e9
    return Needs(
        films=together,
        refreshes=libraries * refreshed,
        processor_hours=libraries * (films * LOOK_MS + refreshed * REFRESH_MS) / 3.6e6,
        night_hours=(films / LOOKED_AT_PER_SECOND + refreshed / REFRESHED_PER_SECOND) / 3600,
        first_hours={name: films / rate / 3600 for name, rate in RATES.items()},
        requests={name: films * a_year / NIGHTS for name, a_year in REQUESTS_A_YEAR.items()},
        events_gb=events,
        streams_gb=events + together * (ANSWERS_KEPT * ANSWER_BYTES + SNAPSHOT_BYTES) / 1e9,
        rows_gb=(together * ROWS_BYTES + refreshes_a_year * JOB_ROW_BYTES) / 1e9,
        memory_gb=together * SUBJECTS * SUBJECT_BYTES / 1e9,
        rebuild_hours=(together * ADDED_EVENTS + refreshes_a_year) / FOLDED_PER_SECOND / 3600,
    )


SIZES = {
    "at home, 500 films": (1, 500),
    "10,000 films": (1, 10_000),
    "100,000 films": (1, 100_000),
    "500 libraries of 2,000": (500, 2_000),
    "100,000 libraries of 2,000": (100_000, 2_000),
}


def table() -> str:
    """A line for each quantity, a column for each size, in Markdown."""
    found = [needs(*size) for size in SIZES.values()]
    lines = {
        "refreshes a night": [number(need.refreshes) for need in found],
        "processor a night, all processes": [_duration(need.processor_hours) for need in found],
        "one library's run, providers without limits": [_duration(need.night_hours) for need in found],
        "its first run at TMDB's 40/s": [_duration(need.first_hours["TMDB"]) for need in found],
        "its first run at fanart.tv's 10/s": [_duration(need.first_hours["fanart.tv"]) for need in found],
        "its requests to OMDb a night": [number(need.requests["OMDb"]) for need in found],
        "METARR_EVENTS after a year": [_size(need.events_gb) for need in found],
        "all streams after a year, a copy": [_size(need.streams_gb) for need in found],
        "PostgreSQL after a year": [_size(need.rows_gb) for need in found],
        "subjects in the memory of NATS": [_size(need.memory_gb) for need in found],
        "rebuild of a year by one projector": [_duration(need.rebuild_hours) for need in found],
    }
    rows = [("", *SIZES), ("---",) * (1 + len(SIZES)), *((name, *cells) for name, cells in lines.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _duration(hours: float) -> str:
    if hours < 1 / 60:
        return f"{number(3600 * hours)} s"
    return f"{number(60 * hours)} min" if hours < 1 else f"{number(hours)} h"


def _size(gigabytes: float) -> str:
    if gigabytes < 1:
        return f"{number(1000 * gigabytes)} MB"
    return f"{number(gigabytes)} GB" if gigabytes < 1000 else f"{number(gigabytes / 1000)} TB"


if __name__ == "__main__":
    print(table())
