"""What the enricher counts and knows. Series whose labels are known beforehand begin at 0."""

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, get_args

from prometheus_client import Counter, Gauge, Histogram

from metarr_chassis.metrics import DEAD_LETTERS, KnownGauge
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import Outcome

CommandOutcome = Literal["done", "dead", "left", "handed_back", "failed"]
JobKind = Literal["enrichment", "import", "bulk"]
JobOutcome = Literal["completed", "partial", "failed", "cancelled", "rejected"]

UP_TO_A_RUN: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 28_800)
"""Seconds: from a film whose answers are all there to a night over a large library."""
UP_TO_A_TIMEOUT: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)

COMMANDS = Counter(
    "metarr_commands_total",
    "Commands that this replica worked on, by what became of them: `done`, `dead` (nobody can), `left` (another "
    "replica does), `handed_back` (this replica stops), `failed` (delivered again)",
    ["queue", "outcome"],
)
COMMAND_SECONDS = Histogram(
    "metarr_command_duration_seconds", "How long commands were worked on", ["queue"], buckets=UP_TO_A_RUN
)
COMMANDS_IN_PROGRESS = Gauge("metarr_commands_in_progress", "Commands that this replica works on", ["queue"])
JOBS = Counter(
    "metarr_jobs_total", "Jobs whose end this replica stored; films of a run are jobs too", ["kind", "outcome"]
)
PROVIDER_REQUESTS = Counter(
    "metarr_provider_requests_total", "HTTP requests to providers, repeated ones too", ["provider", "outcome"]
)
PROVIDER_SECONDS = Histogram(
    "metarr_provider_request_duration_seconds",
    "How long providers took to answer or not to, without the wait for our own rate",
    ["provider"],
    buckets=UP_TO_A_TIMEOUT,
)
PROVIDER_STATE = KnownGauge(
    "metarr_provider_state",
    "1 for the state that a provider is in, 0 for the others: `on`, `off` (no key), `paused`, `key_refused`",
    ["provider", "state"],
)
QUOTA_LIMIT = KnownGauge(
    "metarr_provider_quota_limit",
    "Requests a day that a provider answers, where its limit was met lately",
    ["provider"],
)
QUOTA_REMAINING = KnownGauge(
    "metarr_provider_quota_remaining",
    "Requests that remain of this UTC day's limit, where it is known; 0 while the provider is paused for it",
    ["provider"],
)

DEAD_COMMANDS = DEAD_LETTERS.labels("commands")
JOB_ENDS: Final[Mapping[tuple[JobKind, JobOutcome], Counter]] = {
    (kind, outcome): JOBS.labels(kind, outcome)
    for kind in get_args(JobKind)
    for outcome in get_args(JobOutcome)
    # An import is never partial.
    if (kind, outcome) != ("import", "partial")
}


class QueueMetrics:
    """What is measured of one queue."""

    def __init__(self, queue: str) -> None:
        self._seconds = COMMAND_SECONDS.labels(queue)
        self._in_progress = COMMANDS_IN_PROGRESS.labels(queue)
        self._outcomes: Mapping[str, Counter] = {
            outcome: COMMANDS.labels(queue, outcome) for outcome in get_args(CommandOutcome)
        }

    def begun(self) -> None:
        """A command is worked on."""
        self._in_progress.inc()

    def ended(self, outcome: CommandOutcome, seconds: float) -> None:
        """That is what became of a command, and how long it was worked on."""
        self._in_progress.dec()
        self._outcomes[outcome].inc()
        self._seconds.observe(seconds)


@cache
def queue_metrics(queue: str) -> QueueMetrics:
    """Those of a queue by its name."""
    return QueueMetrics(queue)


class ProviderMetrics:
    """What is measured of the requests to one provider."""

    def __init__(self, provider: ProviderName) -> None:
        self._seconds = PROVIDER_SECONDS.labels(provider)
        self._outcomes: Mapping[Outcome, Counter] = {
            outcome: PROVIDER_REQUESTS.labels(provider, outcome) for outcome in get_args(Outcome) if outcome != "off"
        }

    def asked(self, outcome: Outcome, seconds: float) -> None:
        """A request had that outcome, and took so long."""
        self._outcomes[outcome].inc()
        self._seconds.observe(seconds)
