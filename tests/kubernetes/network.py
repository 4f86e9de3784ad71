"""Who may connect to whom by the NetworkPolicies, as a network plug-in would reckon it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Any

from tests.kubernetes.manifests import Labels, Manifests, Resource

NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Pod:
    """A pod in a namespace."""

    name: str
    namespace: str
    labels: Labels = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Address:
    """An address outside of the cluster."""

    name: str
    address: str


@dataclass(frozen=True)
class Port:
    """A port that is connected to."""

    number: int
    protocol: str = "TCP"


End = Pod | Address
Connection = tuple[str, str, Port]
"""Names of source and target, and the port."""
Rule = tuple[list[Mapping[str, Any]], list[Port]]
"""Peers and ports; none of either means all."""


def connections(manifests: Manifests, ends: Iterable[End], ports: Iterable[Port]) -> Iterator[Connection]:
    """Each connection that both sides' policies let through."""
    policies = list(manifests.of("NetworkPolicy"))
    ends, ports = list(ends), list(ports)
    for source, target in product(ends, ends):
        out, into = _rules(policies, "egress", source), _rules(policies, "ingress", target)
        for port in ports:
            if _let(out, source, target, port) and _let(into, target, source, port):
                yield source.name, target.name, port


def _rules(policies: list[Resource], way: str, end: End) -> list[Rule] | None:
    """What may go out of this end or come into it; None where no policy selects it, and so everything may."""
    selecting = [policy["spec"] for policy in policies if _selects(policy, end) and _is_about(policy["spec"], way)]
    return [_rule(each, way) for spec in selecting for each in spec.get(way, [])] if selecting else None


def _rule(rule: Mapping[str, Any], way: str) -> Rule:
    ports = [Port(each["port"], each["protocol"]) for each in rule.get("ports", [])]
    return rule.get("to" if way == "egress" else "from", []), ports


def _let(rules: list[Rule] | None, here: End, there: End, port: Port) -> bool:
    return rules is None or any(
        (not ports or port in ports) and (not peers or any(_is_peer(peer, here, there) for peer in peers))
        for peers, ports in rules
    )


def _is_about(spec: Mapping[str, Any], way: str) -> bool:
    return way.capitalize() in spec["policyTypes"]


def _selects(policy: Resource, end: End) -> bool:
    return (
        isinstance(end, Pod)
        and end.namespace == policy["metadata"]["namespace"]
        and _matches(policy["spec"]["podSelector"], end.labels)
    )


def _is_peer(peer: Mapping[str, Any], here: End, there: End) -> bool:
    if "ipBlock" in peer:
        return isinstance(there, Address) and _holds(peer["ipBlock"], there.address)
    if not isinstance(there, Pod) or not isinstance(here, Pod):
        return False
    if "namespaceSelector" in peer:
        same = _matches(peer["namespaceSelector"], {NAMESPACE_LABEL: there.namespace})
    else:
        same = there.namespace == here.namespace
    return same and _matches(peer.get("podSelector", {}), there.labels)


def _holds(block: Mapping[str, Any], address: str) -> bool:
    return ip_address(address) in ip_network(block["cidr"]) and not any(
        ip_address(address) in ip_network(but) for but in block.get("except", [])
    )


def _matches(selector: Mapping[str, Any], labels: Labels) -> bool:
    assert set(selector) <= {"matchLabels"}, "these tests know selectors by label alone"
    wanted: Labels = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()
