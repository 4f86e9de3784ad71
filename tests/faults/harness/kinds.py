"""Every kind of fault: what it can befall and how long it may last. One table, without IO; `injections` carries it out.

A kind that is added here needs an injection of the same name, and changes what every seed means: raise `plan.FORMAT`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from metarr_contracts import streams

PROVIDERS = ("tmdb", "omdb", "fanart")
SERVICES = ("gateway", "enricher", "scheduler", "projector")
NATS = "nats"
POSTGRES = "postgres"
SANDBOX = "providers"
ALL = "all"


@dataclass(frozen=True)
class Topology:
    """How many replicas of each service there are, and of how many servers NATS consists."""

    gateways: int = 1
    enrichers: int = 2
    schedulers: int = 1
    projectors: int = 1
    nats: int = 1

    def replicas(self, *services: str) -> tuple[str, ...]:
        """The names of these services' replicas: `enricher`, `enricher2` and so on."""
        often = dict(
            zip(SERVICES, (self.gateways, self.enrichers, self.schedulers, self.projectors), strict=True),
        )
        return tuple(
            service if number == 1 else f"{service}{number}"
            for service in services
            for number in range(1, often[service] + 1)
        )

    @property
    def processes(self) -> tuple[str, ...]:
        """All that can be killed."""
        return (*self.replicas(*SERVICES), *self.nats_servers, POSTGRES)

    @property
    def nats_servers(self) -> tuple[str, ...]:
        """The servers that NATS consists of; those of a cluster are `nats1`, `nats2` and so on."""
        return (NATS,) if self.nats == 1 else tuple(f"{NATS}{number}" for number in range(1, self.nats + 1))

    @property
    def routes(self) -> tuple[str, ...]:
        """The connections between the servers of a cluster, as `one-other`."""
        return tuple(f"{one}-{other}" for one, other in combinations(self.nats_servers, 2))

    @property
    def links(self) -> tuple[str, ...]:
        """All connections that lead through proxies: those of services, and the routes."""
        return (*self.services_links, *self.routes)

    @property
    def services_links(self) -> tuple[str, ...]:
        """The connections of services, as `replica-server`; the one to NATS is that to all servers of a cluster."""
        return (
            *(f"{name}-{NATS}" for name in self.replicas(*SERVICES)),
            *(f"{name}-{POSTGRES}" for name in self.replicas("projector")),
            *(f"{name}-{SANDBOX}" for name in self.replicas("enricher")),
        )


def service_of(replica: str) -> str:
    """The service, or the server, that a replica is one of."""
    return replica.rstrip("0123456789")


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        domain: Faults of one domain never befall the same target at the same time.
        targets: What it can befall; nothing where there is none of it.
        longest: Steps that it lasts at most; 0: it is over at once.
        values: What else there is to choose from; its meaning is the injection's.
        weight: How often it comes for one of the others.
    """

    domain: str
    targets: Callable[[Topology], Sequence[str]]
    longest: int = 0
    values: Sequence[float] = (0,)
    weight: int = 1


def _processes(topology: Topology) -> Sequence[str]:
    return topology.processes


def _links(topology: Topology) -> Sequence[str]:
    return topology.links


def _providers(_topology: Topology) -> Sequence[str]:
    return PROVIDERS


def _all(_topology: Topology) -> Sequence[str]:
    return (ALL,)


def _disks(topology: Topology) -> Sequence[str]:
    return (*topology.nats_servers, POSTGRES)


def _cluster(topology: Topology) -> Sequence[str]:
    return topology.nats_servers if topology.routes else ()


def _led(topology: Topology) -> Sequence[str]:
    return (streams.EVENTS, streams.COMMANDS) if topology.routes else ()


def _whole_cluster(topology: Topology) -> Sequence[str]:
    return (ALL,) if topology.routes else ()


HOUR = 3_600
DAY = 24 * HOUR

KINDS: Mapping[str, Kind] = {
    "kill": Kind("process", _processes, 16, weight=4),
    "freeze": Kind("process", _processes, 70, weight=4),
    "restart": Kind("process", _processes, 8, weight=3),
    "cut": Kind("link", _links, 40, weight=3),
    "delay": Kind("link", _links, 50, (0.3, 1.5, 4.0), weight=3),
    "half_open": Kind("link", _links, 70, weight=4),
    "slow": Kind("provider", _providers, 40, (1.5, 6.0)),
    "hang": Kind("provider", _providers, 30),
    "down": Kind("provider", _providers, 30, (500, 503)),
    "disconnect": Kind("provider", _providers, 30),
    "throttle": Kind("provider", _providers, 20, (1, 2)),
    "quota": Kind("provider", _providers, 20),
    "garbage": Kind("provider", _providers, 30),
    "wrong_shape": Kind("provider", _providers, 30),
    "wrong_film": Kind("provider", _providers, 30),
    "empty": Kind("provider", _providers, 30),
    "huge": Kind("provider", _providers, 20, (0, 1)),
    "redirect": Kind("provider", _providers, 30),
    "command_again": Kind("again", _all, 0, tuple(range(16))),
    "event_again": Kind("again", _all, 0, tuple(range(16))),
    "clock_forward": Kind("clock", _all, 0, (HOUR, DAY, 8 * DAY, 100 * DAY)),
    "clock_back": Kind("clock", _all, 0, (60, HOUR)),
    "poison_command": Kind("poison", _all, 0, tuple(range(16))),
    "poison_event": Kind("poison", _all, 0, tuple(range(16))),
    "poison_answer": Kind("poison", _all, 0, tuple(range(16))),
    "poison_request": Kind("poison", _all, 0, tuple(range(16))),
    "poison_note": Kind("poison", _all, 0, tuple(range(16))),
    "rebuild": Kind("rebuild", _all, 0),
    "disk_full": Kind("process", _disks, 40, weight=2),
    "restore": Kind("restore", _all, 50),
    "leader_lost": Kind("leader", _led, 30, weight=3),
    "alone": Kind("majority", _cluster, 25, weight=3),
    "partition": Kind("partition", _cluster, 40, weight=3),
    "rolling_restart": Kind("rolling", _whole_cluster, 60, weight=2),
}
