"""What a run does, made from its seed: how many replicas, the steps of work, the faults and their moments. No IO.

A moment is a step's number, and how many more requests the providers have to get first: no time of day and no seconds,
so that another machine does the same in the same order.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tests.faults.harness.kinds import KINDS, Topology

FORMAT = 3
"""Raised when a seed means something else than before."""

Action = Literal[
    "refresh",
    "force",
    "run",
    "force_run",
    "cancel",
    "add",
    "add_by_title",
    "import_list",
    "queue_import",
    "remove",
    "identify",
    "change",
    "clear",
    "lock",
    "unlock",
    "read",
    "resume",
    "come_back",
]
OFTEN: Mapping[Action, int] = {"refresh": 30, "force": 6, "run": 6, "change": 8, "lock": 5, "read": 12, "cancel": 5}
"""The weight of an action that is more frequent than the others."""
FIRST_ACTIONS: Sequence[Action] = ("refresh", "lock", "refresh", "run")
"""A run always begins with some work for the faults to fall into."""
STEPS = 130
FAULTS = 16
QUIET = 6
"""Steps before the first fault, and after the last one."""
MOST_ENRICHERS = 5
CLUSTER = 3
"""NATS servers of a cluster, and in which share of the seeds there is one."""
CLUSTER_FAULTS = 4
"""Faults of a run that befall its cluster as such."""
VERSIONS = ("16504b5", "bb3ef08")
"""Commits of earlier versions, with whose services a library may begin: of the one before, and the last one of ours."""
GROWING: frozenset[Action] = frozenset({"add", "add_by_title", "import_list", "queue_import", "remove"})
LASTING = frozenset({"link", "provider", "again", "poison"})
EARLIER_STEPS = 30
"""Steps that they do."""


@dataclass(frozen=True)
class Step:
    """Something that a person or a program does. What the numbers choose from is known only then."""

    action: Action
    film: int
    value: int


@dataclass(frozen=True)
class Fault:
    """A fault from before step `begins` until before step `ends`.

    Attributes:
        value: One of the kind's values.
        requests: How many more requests the providers are to get before it begins.
    """

    kind: str
    target: str
    begins: int
    ends: int
    value: float
    requests: int

    def overlaps(self, other: "Fault") -> bool:
        """Whether one would be in the other's way."""
        same = KINDS[self.kind].domain == KINDS[other.kind].domain and self.target == other.target
        return same and self.begins <= other.ends and other.begins <= self.ends


@dataclass(frozen=True)
class Plan:
    """A run. The services of the commit `earlier`, if any, do the first steps; no fault falls into these."""

    seed: int
    topology: Topology
    steps: Sequence[Step]
    faults: Sequence[Fault]
    earlier: str = ""

    def beginning(self, step: int) -> list[Fault]:
        """The faults that begin before this step."""
        return [fault for fault in self.faults if fault.begins == step]

    def ending(self, step: int) -> list[Fault]:
        """The faults that last no longer than to this step."""
        return [fault for fault in self.faults if fault.ends == step]

    def often(self) -> Counter[str]:
        """How many faults there are of each kind."""
        return Counter(fault.kind for fault in self.faults)


@dataclass(frozen=True)
class Scale:
    """How much is done in a run."""

    steps: int = STEPS
    faults: int = FAULTS
    topology: Topology | None = None
    kinds: Sequence[str] = tuple(KINDS)
    actions: Sequence[Action] = get_args(Action)
    earlier: str | None = None


CYCLE = Scale(
    steps=50,
    topology=Topology(),
    actions=[action for action in get_args(Action) if action not in GROWING],
    kinds=tuple(name for name, kind in KINDS.items() if kind.domain in LASTING and kind.targets(Topology())),
    earlier="",
)
"""What is done again and again to see whether memory grows.

No process is ended, which would begin anew, and nothing becomes more work each time: the library stays as large as it
is, and there is no rebuild, which reads a history that grows.
"""


def make_plan(seed: int, scale: Scale | None = None) -> Plan:
    """The plan of a seed: the same on every machine."""
    scale = scale or Scale()
    dice = random.Random(f"{FORMAT}/{seed}")  # noqa: S311 - repeatable, not secret
    topology = scale.topology or _topology(dice, CLUSTER if seed % CLUSTER == 0 else 1)
    weights = [OFTEN.get(action, 2) for action in scale.actions]
    drawn = dice.choices(scale.actions, weights, k=scale.steps - len(FIRST_ACTIONS))
    steps = [Step(action, dice.randrange(1_000), dice.randrange(1_000)) for action in (*FIRST_ACTIONS, *drawn)]
    earlier = dice.choice((*[""] * 6, *VERSIONS)) if scale.earlier is None else scale.earlier
    quiet = EARLIER_STEPS + 1 if earlier else QUIET
    faults = _faults(dice, _kinds(seed, topology, scale), topology, range(quiet, scale.steps))
    return Plan(seed, topology, steps, faults, earlier)


def _topology(dice: random.Random, nats: int) -> Topology:
    """Mostly two or three enrichers, now and then as many as there may be."""
    enrichers = dice.choice((1, 2, 2, 2, 3, 3, MOST_ENRICHERS))
    services = (dice.choice((1, 1, 2)), enrichers, dice.choice((1, 2)), dice.choice((1, 2)))
    return Topology(*services, nats=nats)


def _kinds(seed: int, topology: Topology, scale: Scale) -> Iterator[str]:
    """What befalls a run. Seeds that follow each other share a deck: whoever does many of them meets every kind often.

    Every kind comes as often as it weighs before one comes more often.
    """
    anywhere = [kind for kind in scale.kinds if KINDS[kind].targets(Topology())]
    if not topology.routes:
        yield from _dealt("one server", anywhere, seed - 1 - seed // CLUSTER, scale.faults)
        return
    of_clusters = [kind for kind in scale.kinds if kind not in anywhere]
    count = min(CLUSTER_FAULTS, scale.faults) if of_clusters else 0
    number = seed // CLUSTER
    yield from _dealt("cluster", of_clusters, number, count)
    yield from _dealt("cluster and all", anywhere, number, scale.faults - count)


def _dealt(deck: str, kinds: Sequence[str], turn: int, count: int) -> Iterator[str]:
    """What whoever has this turn gets, so many at a time, of a deck that is shuffled anew whenever it is used up."""
    weighted = [kind for kind in kinds for _ in range(KINDS[kind].weight)]
    for place in range(turn * count, (turn + 1) * count):
        again, card = divmod(place, len(weighted))
        dice = random.Random(f"{FORMAT}/{deck}/{again}")  # noqa: S311 - repeatable, not secret
        yield dice.sample(weighted, len(weighted))[card]


def _faults(dice: random.Random, kinds: Iterable[str], topology: Topology, steps: range) -> list[Fault]:
    """A fault of each of these kinds, none of which is in another's way."""
    faults: list[Fault] = []
    for kind in kinds:
        fault = _fault(dice, kind, topology, steps)
        while any(fault.overlaps(other) for other in faults):
            fault = _fault(dice, kind, topology, steps)
        faults.append(fault)
    return sorted(faults, key=lambda fault: (fault.begins, fault.ends, fault.kind, fault.target))


def _fault(dice: random.Random, name: str, topology: Topology, steps: range) -> Fault:
    kind = KINDS[name]
    begins = dice.randrange(steps.start, steps.stop - QUIET)
    lasts = dice.randint(1, kind.longest) if kind.longest else 0
    return Fault(
        kind=name,
        target=dice.choice(kind.targets(topology)),
        begins=begins,
        ends=min(begins + lasts, steps.stop - 1),
        value=dice.choice(kind.values),
        requests=dice.choice((0, 0, 1, 2, 5)),
    )
