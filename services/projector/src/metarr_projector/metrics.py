"""What the projector counts and knows."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

from metarr_chassis.metrics import DEAD_LETTERS, KnownGauge
from metarr_projector.decoding import Item, Undecodable

ACTIVE = Gauge("metarr_projection_active", "Whether this replica is the one that projects (1) or waits (0)")
POSITION = KnownGauge("metarr_projection_position", "Sequence of the last event that is in the rows")
LAG_EVENTS = KnownGauge("metarr_projection_lag_events", "Stored events that are not in the rows yet")
LAG_SECONDS = KnownGauge(
    "metarr_projection_lag_seconds", "Age of the oldest stored event that is not in the rows yet, 0 when there is none"
)
PROJECTED = Counter("metarr_projected_events_total", "Events that were brought into the rows in use")
BATCH_SECONDS = Histogram(
    "metarr_projection_batch_duration_seconds",
    "How long a batch of events took to become rows",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
FAILURES = Counter("metarr_projection_failures_total", "How often the projection broke off and was begun again")
REBUILDING = Gauge("metarr_rebuild_in_progress", "Whether the rows are being made anew (1) or not (0)")
DATABASE_UP = Gauge("metarr_database_up", "Whether PostgreSQL answered lately (1) or not (0)")
LIBRARY_MOVIES = KnownGauge("metarr_library_movies", "Films of the library by how complete they are", ["band"])
LIBRARY_COMPLETENESS = KnownGauge(
    "metarr_library_completeness_ratio", "Mean completeness of all films, 0 to 1; absent while there are none"
)
DEAD_EVENTS = DEAD_LETTERS.labels("events")


def projected(items: Sequence[Item], seconds: float) -> None:
    """So many events of a batch are in the rows in use, some as dead letters; it took so long."""
    PROJECTED.inc(len(items))
    BATCH_SECONDS.observe(seconds)
    DEAD_EVENTS.inc(sum(isinstance(item, Undecodable) for item in items))
