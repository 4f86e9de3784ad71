"""A seed means one plan, on every machine."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faults.harness.injections import INJECTIONS
from tests.faults.harness.kinds import KINDS, Topology, service_of
from tests.faults.harness.plan import CYCLE, EARLIER_STEPS, FIRST_ACTIONS, QUIET, VERSIONS, Fault, Scale, make_plan

SEEDS = st.integers(min_value=0, max_value=2**31)


@given(SEEDS)
def test_a_seed_repeats(seed: int) -> None:
    """Nothing else goes into a plan."""
    assert make_plan(seed) == make_plan(seed)


def test_a_seed_stays_the_same() -> None:
    """Who changes what seeds mean raises FORMAT: kept seeds and the ledger speak of the plans of their time."""
    plan = make_plan(1)
    assert plan.topology == Topology(gateways=1, enrichers=3, schedulers=1, projectors=1)
    assert plan.faults[5] == Fault("disk_full", "nats", begins=54, ends=82, value=0, requests=5)


def test_seeds_differ() -> None:
    """Another seed is another plan."""
    assert len({tuple(make_plan(seed).faults) for seed in range(50)}) == 50


@given(SEEDS)
def test_faults_are_possible(seed: int) -> None:
    """Each befalls what is there, ends before the last step is over, and none is in another's way."""
    plan = make_plan(seed)
    assert len(plan.faults) == Scale().faults
    assert [step.action for step in plan.steps[: len(FIRST_ACTIONS)]] == list(FIRST_ACTIONS)
    for number, fault in enumerate(plan.faults):
        assert fault.target in KINDS[fault.kind].targets(plan.topology)
        assert fault.value in KINDS[fault.kind].values
        assert QUIET <= fault.begins <= fault.ends < len(plan.steps)
        assert not any(fault.overlaps(other) for other in plan.faults[number + 1 :])


@given(SEEDS)
def test_every_fault_begins_and_ends_once(seed: int) -> None:
    """By the numbers of the steps."""
    plan = make_plan(seed)
    numbers = range(len(plan.steps))
    assert [fault for number in numbers for fault in plan.beginning(number)] == list(plan.faults)
    assert sorted(str(fault) for number in numbers for fault in plan.ending(number)) == sorted(map(str, plan.faults))


@pytest.mark.parametrize("first", [0, 7, 1000])
def test_forty_runs_do_every_kind_ten_times(first: int) -> None:
    """Whichever seed is the first."""
    often = Counter(fault.kind for seed in range(first, first + 40) for fault in make_plan(seed).faults)
    assert often.keys() == KINDS.keys()
    assert min(often.values()) >= 10


def test_some_runs_have_a_cluster_and_some_an_earlier_version() -> None:
    """Of the one every third, of the other every fourth, and some both."""
    plans = [make_plan(seed) for seed in range(600)]
    assert sum(plan.topology.nats > 1 for plan in plans) == 200
    assert {plan.earlier for plan in plans} == {"", *VERSIONS}
    assert 100 < sum(bool(plan.earlier) for plan in plans) < 200
    assert any(plan.topology.nats > 1 and plan.earlier for plan in plans)


@given(SEEDS)
def test_an_earlier_version_meets_no_faults(seed: int) -> None:
    """What it writes is as it should be; the faults are for ours."""
    plan = make_plan(seed)
    assert not plan.earlier or all(fault.begins > EARLIER_STEPS for fault in plan.faults)


def test_a_scale_may_choose() -> None:
    """Fewer steps, other replicas, some kinds alone."""
    scale = Scale(steps=40, faults=5, topology=Topology(enrichers=1), kinds=("kill", "freeze"))
    plan = make_plan(7, scale)
    assert (len(plan.steps), len(plan.faults), plan.topology) == (40, 5, Topology(enrichers=1))
    assert plan.often().keys() <= {"kill", "freeze"}


def test_a_cycle_ends_no_process() -> None:
    """Whose memory would begin anew."""
    processes = Topology().processes
    assert not {fault.target for seed in range(50) for fault in make_plan(seed, CYCLE).faults} & {*processes, "clock"}


def test_kinds_and_injections_are_the_same() -> None:
    """Whatever can be planned can be done."""
    assert INJECTIONS.keys() == KINDS.keys()


@pytest.mark.parametrize(("replica", "service"), [("enricher", "enricher"), ("enricher12", "enricher")])
def test_replicas_are_named_after_their_service(replica: str, service: str) -> None:
    """With a number from the second one on."""
    assert service_of(replica) == service


def test_links_lead_from_replicas_to_servers() -> None:
    """Only the projector speaks with PostgreSQL, only the enricher with providers."""
    links = Topology(gateways=1, enrichers=2, schedulers=1, projectors=1).links
    assert set(links) == {
        *(f"{name}-nats" for name in ("gateway", "enricher", "enricher2", "scheduler", "projector")),
        "projector-postgres",
        "enricher-providers",
        "enricher2-providers",
    }


def test_a_cluster_has_servers_and_routes() -> None:
    """Each can be killed or cut off; one server has neither a number nor anybody to reach."""
    one, three = Topology(), Topology(nats=3)
    assert (one.nats_servers, one.routes) == (("nats",), ())
    assert three.nats_servers == ("nats1", "nats2", "nats3")
    assert three.routes == ("nats1-nats2", "nats1-nats3", "nats2-nats3")
    assert set(three.routes) <= set(three.links)
    assert set(three.nats_servers) <= set(three.processes)
    assert not {"alone", "leader_lost", "partition", "rolling_restart"} & {
        kind for kind in KINDS if KINDS[kind].targets(one)
    }
