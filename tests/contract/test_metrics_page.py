"""docs/metrics.md holds every metric of the code as it is, and nothing else."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from prometheus_client.metrics import MetricWrapperBase
from tests.metrics import page

import metarr_chassis.metrics
import metarr_enricher.metrics
import metarr_gateway.metrics
import metarr_projector.metrics
import metarr_scheduler.metrics
from metarr_chassis.metrics import KnownGauge

COMMON = metarr_chassis.metrics
OWN = {
    "api-gateway": metarr_gateway.metrics,
    "enricher": metarr_enricher.metrics,
    "projector": metarr_projector.metrics,
    "scheduler": metarr_scheduler.metrics,
}
BASE_UNITS = ("_seconds", "_bytes", "_ratio", "_total", "_info")
UNITS = re.compile(r"milli|micro|minute|hour|kilo|mega|percent|_ms$|_mb$")

Described = dict[str, tuple[str, tuple[str, ...], str]]


def defined(module: ModuleType) -> Described:
    """Type, labels and meaning of each metric that the module defines, by name."""
    found: Described = {}
    for metric in vars(module).values():
        if isinstance(metric, MetricWrapperBase) and not metric._labelvalues:
            labels = metric._labelnames
        elif isinstance(metric, KnownGauge):
            labels = metric.labelnames
        else:
            continue
        [family] = metric.describe()
        name = family.name + ("_total" if family.type == "counter" else "")
        found[name] = (family.type, tuple(labels), family.documentation)
    return found


def test_every_metric_is_in_the_page_as_it_is() -> None:
    """Name, type, labels and meaning; of what all services have the page says who has figures of it."""
    in_code = {**defined(COMMON)}
    for module in OWN.values():
        in_code |= defined(module)
    assert {row.name: (row.type, row.labels, row.meaning) for row in page()} == in_code


@pytest.mark.parametrize("service", OWN)
def test_the_page_says_whose_it_is(service: str) -> None:
    """A service has its own metrics, and those of the chassis."""
    own = set(defined(OWN[service])) - set(defined(COMMON))
    listed = {row.name for row in page() if service in row.services}
    assert own <= listed <= own | set(defined(COMMON))
    assert {row.name for row in page() if row.services == ("all",)} <= set(defined(COMMON))


def test_names_are_as_prometheus_wants_them() -> None:
    """One prefix, base units, `_total` for counters alone, a unit at the end of every histogram."""
    for row in page():
        assert re.fullmatch(r"metarr_[a-z_]+[a-z]", row.name)
        assert not UNITS.search(row.name)
        assert (row.type == "counter") == row.name.endswith("_total")
        assert row.type != "histogram" or row.name.endswith(BASE_UNITS)
        assert not {"id", "movie", "job", "url", "path"} & set(row.labels)


def test_the_operations_page_points_to_it() -> None:
    """Who looks for the state of the system finds it."""
    assert "(metrics.md)" in (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
