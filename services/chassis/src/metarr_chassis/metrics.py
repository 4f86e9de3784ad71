"""Metrics as Prometheus reads them: what all services have, how they are shown, and gauges that tell no lies.

Each service defines its own in its module `metrics`, in the same registry; a process has the metrics of one service.
docs/metrics.md lists them all. Labels hold words of a closed set only: never the id of a film or job, nor an address.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from importlib.metadata import version

import nats.errors
import structlog
from aiohttp import web
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from metarr_chassis.errors import ChassisError

log = structlog.get_logger()

# When a counter began is seen by its fall to 0; a second series for each would say no more.
disable_created_metrics()  # type: ignore[no-untyped-call]

POLL_SECONDS = 5.0
"""How often figures that have to be asked for are asked for."""


class KnownGauge(Collector):
    """A gauge of what others told us last. What could not be learned has no series: an old figure would be a lie."""

    def __init__(self, name: str, documentation: str, labelnames: Sequence[str] = ()) -> None:
        self.name = name
        self.documentation = documentation
        self.labelnames = tuple(labelnames)
        self._values: Mapping[tuple[str, ...], float] = {}
        REGISTRY.register(self)

    def replace(self, values: Mapping[tuple[str, ...], float]) -> None:
        """These are all the figures that are known, by the values of their labels."""
        self._values = dict(values)

    def set(self, value: float | None) -> None:
        """The figure of a gauge without labels; None: it is not known."""
        self._values = {} if value is None else {(): value}

    def describe(self) -> Iterable[Metric]:
        """Name and meaning, without figures."""
        return [GaugeMetricFamily(self.name, self.documentation, labels=self.labelnames)]

    def collect(self) -> Iterable[Metric]:
        """All figures that are known."""
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labelnames)
        for labels, value in self._values.items():
            family.add_metric(labels, value)
        return [family]


BUILD_INFO = Gauge("metarr_build_info", "Always 1; which service this is, and its version", ["service", "version"])
BUS_CONNECTED = Gauge("metarr_bus_connected", "Whether there is a connection to NATS (1) or not (0)")
ENDPOINT_REQUESTS = Counter(
    "metarr_endpoint_requests_total",
    "Requests that this service answered on the bus, by the code of the refusal or `ok`",
    ["endpoint", "outcome"],
)
ENDPOINT_SECONDS = Histogram(
    "metarr_endpoint_request_duration_seconds", "How long requests on the bus took to answer", ["endpoint"]
)
DEAD_LETTERS = Counter(
    "metarr_dead_letters_total",
    "Messages that nobody could work on: commands put into METARR_DEAD, events that could not become rows",
    ["origin"],
)


def introduce(service: str) -> None:
    """Say which service this process is."""
    BUILD_INFO.labels(service, version("metarr-chassis")).set(1)


async def poll(look: Callable[[], Awaitable[None]], *learned: KnownGauge, seconds: float = POLL_SECONDS) -> None:
    """Look again and again, until cancelled; `look` tells the gauges what it learned.

    What a look that fails would have learned is forgotten: an alert on a figure that is absent is better than a figure
    of before. The next look comes after so many seconds all the same.
    """
    said = ""
    while True:
        try:
            await look()
            said = ""
        except Exception as error:
            for gauge in learned:
                gauge.replace({})
            if not isinstance(error, ChassisError | nats.errors.Error):
                log.exception("no figures")
            elif said != (said := repr(error)):
                log.warning("no figures", error=said)
        await asyncio.sleep(seconds)


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`, in the format that is asked for: Prometheus' own text, or OpenMetrics."""
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # A version that is no number.
        encode, content_type = choose_encoder("")
    return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})
