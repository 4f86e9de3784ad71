"""In production there are the connections of the architecture's picture, those that operate it, and no others."""

from tests.kubernetes.manifests import Manifests, component, pod_labels
from tests.kubernetes.network import Address, Connection, End, Pod, Port, connections

HERE = "metarr"
MADE_BY_OTHERS = (
    Pod("postgres", HERE, {"cnpg.io/cluster": "metarr-postgres"}),
    Pod("certificate solver", HERE, {"acme.cert-manager.io/http01-solver": "true"}),
    Pod("another pod", HERE),
)
"""With the labels that CloudNativePG and cert-manager give to their pods."""

OUTSIDE: tuple[End, ...] = (
    Pod("ingress", "ingress-nginx"),
    Pod("prometheus", "monitoring"),
    Pod("database operator", "cnpg-system"),
    Pod("dns", "kube-system", {"k8s-app": "kube-dns"}),
    Pod("kubernetes", "kube-system", {"component": "kube-apiserver"}),
    Pod("stranger", "default", {"app.kubernetes.io/name": "metarr", "app.kubernetes.io/component": "api-gateway"}),
    Address("internet", "93.184.215.14"),
    Address("internet by IPv6", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"),
    Address("private network", "10.1.2.3"),
    Address("private network by IPv6", "fd00::1"),
    Address("cloud's metadata", "169.254.169.254"),
)
SERVICES = ("api-gateway", "enricher", "scheduler", "projector")
INTERNET = ("internet", "internet by IPv6")

ARROWS: set[Connection] = {
    ("ingress", "api-gateway", Port(3000)),
    ("ingress", "certificate solver", Port(8089)),
    *((service, "nats", Port(4222)) for service in (*SERVICES, "setup")),
    *(("prometheus", service, Port(8080)) for service in SERVICES),
    *(("enricher", providers, Port(443)) for providers in INTERNET),
    *(("api-gateway", pictures, Port(443)) for pictures in INTERNET),
    ("projector", "postgres", Port(5432)),
    ("setup", "postgres", Port(5432)),
    ("nats", "nats", Port(6222)),
    ("postgres", "postgres", Port(5432)),
    ("postgres", "postgres", Port(8000)),
    ("database operator", "postgres", Port(5432)),
    ("database operator", "postgres", Port(8000)),
    # The cluster's API, wherever it is, and the object storage of backups.
    *(("postgres", end.name, Port(port)) for end in OUTSIDE for port in (443, 6443)),
    *(
        (pod, "dns", Port(53, protocol))
        for protocol in ("UDP", "TCP")
        for pod in (*SERVICES, "setup", "nats", *(each.name for each in MADE_BY_OTHERS))
    ),
}

PORTS = (
    *(Port(number) for number in (22, 53, 80, 443, 3000, 3999, 4222, 5432, 6222, 6443, 8000, 8080, 8089, 8222, 9187)),
    Port(53, "UDP"),
)


def test_there_are_the_arrows_of_the_picture_and_no_others(production: Manifests) -> None:
    """Each arrow is let out of its source and into its target; nothing else is, not even within the namespace."""
    ours = _inside(production)
    names = {end.name for end in ours}
    found = set(connections(production, [*ours, *OUTSIDE], PORTS))
    assert {arrow for arrow in found if names & {*arrow[:2]}} == ARROWS


def test_every_rule_is_an_arrow(production: Manifests) -> None:
    """No policy names a pod or a port that is not there: without one rule of it some arrow would be missing."""
    ends = [*_inside(production), *OUTSIDE]
    whole = set(connections(production, ends, PORTS))
    for policy in production.of("NetworkPolicy"):
        for way in ("ingress", "egress"):
            for number, rule in enumerate(policy["spec"].get(way, [])):
                for part in ("ports", "to", "from"):
                    for each in range(len(rule.get(part, []))):
                        less = _without(production, policy["metadata"]["name"], way, number, part, each)
                        assert set(connections(less, ends, PORTS)) < whole, (policy["metadata"]["name"], rule)


def _inside(manifests: Manifests) -> list[End]:
    """The pods of our namespace."""
    return [*(Pod(str(component(each)), HERE, pod_labels(each)) for each in manifests.workloads()), *MADE_BY_OTHERS]


def _without(manifests: Manifests, policy: str, way: str, rule: int, part: str, entry: int) -> Manifests:
    """The manifests with one peer or one port of a rule fewer; a rule that had no other is gone."""
    changed = manifests.copy()
    rules = changed.one("NetworkPolicy", policy)["spec"][way]
    del rules[rule][part][entry]
    if not rules[rule][part]:
        del rules[rule]
    return changed
