"""A manifest that breaks a rule is found: one broken manifest for each thing that the rules look at."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.kubernetes import rules
from tests.kubernetes.manifests import Manifests, Resource, containers, pod
from tests.kubernetes.rules import Rule
from tests.kubernetes.schemas import operators_schemas, schema_errors

Break = Callable[[Manifests], object]


def _deployment(manifests: Manifests, name: str = "enricher") -> Resource:
    return manifests.one("Deployment", f"metarr-{name}")


def _container(manifests: Manifests, name: str = "enricher") -> Resource:
    return containers(_deployment(manifests, name))[0]


def _set(part: Resource, **values: Any) -> None:
    part.update(values)


def _remove(manifests: Manifests, kind: str, name: str) -> None:
    manifests.resources.remove(manifests.one(kind, name))


def _take(container: Resource, secret: str) -> None:
    source = {"secretKeyRef": {"name": secret, "key": "password"}}
    container["env"].append({"name": "ANOTHER", "valueFrom": source})


def _variable(workload: Resource, name: str) -> Resource:
    found: Resource
    (found,) = (each for each in containers(workload)[0]["env"] if each["name"] == name)
    return found


def _volume(manifests: Manifests, name: str, volume: str) -> Resource:
    found: Resource
    (found,) = (each["secret"] for each in pod(_deployment(manifests, name))["volumes"] if each["name"] == volume)
    return found


def _configure_nats(manifests: Manifests, old: str, new: str) -> None:
    data = manifests.one("ConfigMap", "metarr-nats")["data"]
    data["nats.conf"] = data["nats.conf"].replace(old, new)


BROKEN: tuple[tuple[Rule, Break, str], ...] = (
    (
        rules.pods_are_restricted,
        lambda them: _set(pod(_deployment(them))["securityContext"], runAsNonRoot=False),
        "Deployment metarr-enricher may run as root",
    ),
    (
        rules.pods_are_restricted,
        lambda them: _set(pod(_deployment(them))["securityContext"], runAsUser=0),
        "Deployment metarr-enricher may run as root",
    ),
    (
        rules.pods_are_restricted,
        lambda them: pod(_deployment(them))["securityContext"].pop("seccompProfile"),
        "Deployment metarr-enricher has no seccomp profile",
    ),
    (
        rules.pods_are_restricted,
        lambda them: pod(_deployment(them)).pop("automountServiceAccountToken"),
        "Deployment metarr-enricher does not switch automountServiceAccountToken off",
    ),
    (
        rules.pods_are_restricted,
        lambda them: _set(_container(them)["securityContext"], readOnlyRootFilesystem=False),
        "Deployment metarr-enricher: the security context of service is not",
    ),
    (
        rules.pods_are_restricted,
        lambda them: _container(them).pop("securityContext"),
        "Deployment metarr-enricher: the security context of service is not",
    ),
    (
        rules.namespaces_enforce_it,
        lambda them: them.one("Namespace", "metarr")["metadata"]["labels"].clear(),
        "the namespace takes unrestricted pods",
    ),
    (
        rules.namespaces_enforce_it,
        lambda them: _set(_deployment(them)["metadata"], namespace="default"),
        "Deployment metarr-enricher is not in the namespace",
    ),
    (
        rules.resources_are_given,
        lambda them: _container(them)["resources"]["limits"].pop("memory"),
        "Deployment metarr-enricher: service has no limits of memory",
    ),
    (
        rules.resources_are_given,
        lambda them: _container(them).pop("resources"),
        "Deployment metarr-enricher: service has no requests of cpu",
    ),
    (
        rules.images_are_pinned,
        lambda them: _set(_container(them), image="metarr/enricher:latest"),
        "'metarr/enricher:latest' has no version",
    ),
    (
        rules.images_are_pinned,
        lambda them: _set(_container(them), image="registry.example.com:5000/metarr"),
        "'registry.example.com:5000/metarr' has no version",
    ),
    (
        rules.images_are_pinned,
        lambda them: them.one("Cluster", "metarr-postgres")["spec"].pop("imageCatalogRef"),
        "Cluster metarr-postgres has no major version",
    ),
    (
        rules.images_are_pinned,
        lambda them: _set(_container(them), image="metarr/enricher:0.0.9"),
        "metarr/enricher:0.0.9 is not of version",
    ),
    (
        rules.probes_mean_something,
        lambda them: _container(them).pop("startupProbe"),
        "Deployment metarr-enricher: startupProbe does not ask /healthz",
    ),
    (
        rules.probes_mean_something,
        lambda them: _set(_container(them)["livenessProbe"]["httpGet"], path="/readyz"),
        "Deployment metarr-enricher: livenessProbe does not ask /healthz",
    ),
    (
        rules.probes_mean_something,
        lambda them: _set(_container(them)["livenessProbe"]["httpGet"], port="http"),
        "Deployment metarr-enricher: livenessProbe asks no port that it has",
    ),
    (
        rules.probes_mean_something,
        lambda them: _set(_container(them, "api-gateway")["readinessProbe"]["httpGet"], port="health"),
        "Deployment metarr-api-gateway: readiness is not asked at http",
    ),
    (
        rules.updates_lose_nothing,
        lambda them: _deployment(them)["spec"].pop("strategy"),
        "Deployment metarr-enricher goes before its successor is ready",
    ),
    (
        rules.updates_lose_nothing,
        lambda them: _container(them, "api-gateway").pop("lifecycle"),
        "Deployment metarr-api-gateway ends while proxies still send it requests",
    ),
    (
        rules.updates_lose_nothing,
        lambda them: _set(pod(_deployment(them)), terminationGracePeriodSeconds=5),
        "Deployment metarr-enricher is killed before",
    ),
    (
        rules.selectors_match,
        lambda them: _set(them.one("Service", "metarr-enricher")["spec"], selector={"app": "enricher"}),
        "Service metarr-enricher selects []",
    ),
    (
        rules.selectors_match,
        lambda them: _set(
            them.one("PodDisruptionBudget", "metarr-enricher")["spec"]["selector"],
            matchLabels={"app.kubernetes.io/component": "projector"},
        ),
        "PodDisruptionBudget metarr-enricher selects ['Deployment metarr-projector']",
    ),
    (
        rules.selectors_match,
        lambda them: _set(_deployment(them)["spec"]["selector"], matchLabels={"app.kubernetes.io/name": "metarr"}),
        "Deployment metarr-enricher selects [",
    ),
    (
        rules.selectors_match,
        lambda them: _set(
            pod(_deployment(them))["topologySpreadConstraints"][0],
            labelSelector={"matchLabels": {"app.kubernetes.io/component": "nats"}},
        ),
        "Deployment metarr-enricher selects ['StatefulSet metarr-nats']",
    ),
    (
        rules.disruption_budgets_let_one_go,
        lambda them: _set(them.one("PodDisruptionBudget", "metarr-nats")["spec"], maxUnavailable=0),
        "PodDisruptionBudget metarr-nats does not let one pod go",
    ),
    (
        rules.ports_are_those_of_the_contract,
        lambda them: _set(_container(them)["ports"][0], containerPort=8081),
        "Deployment metarr-enricher has the ports {'health': 8081}",
    ),
    (
        rules.ports_are_those_of_the_contract,
        lambda them: _set(them.one("Service", "metarr-enricher")["spec"]["ports"][0], targetPort="http"),
        "Service metarr-enricher has a port health that Deployment metarr-enricher has not",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _container(them)["envFrom"].append({"configMapRef": {"name": "metarr-more"}}),
        "Deployment metarr-enricher needs the ConfigMap metarr-more, which is nowhere",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _container(them)["envFrom"].append({"secretRef": {"name": "metarr-more"}}),
        "Deployment metarr-enricher needs the Secret metarr-more, which is nowhere",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _remove(them, "Cluster", "metarr-postgres"),
        "Deployment metarr-projector needs the Secret metarr-postgres-ca, which is nowhere",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _remove(them, "Certificate", "metarr-nats"),
        "Deployment metarr-scheduler needs the Secret metarr-nats-tls, which is nowhere",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _set(
            them.one("Cluster", "metarr-postgres")["spec"]["bootstrap"]["initdb"], secret={"name": "metarr-database"}
        ),
        "Cluster metarr-postgres needs the Secret metarr-database, which is nowhere",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _remove(them, "Service", "metarr-api-gateway"),
        "Ingress metarr leads to",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _remove(them, "Service", "metarr-scheduler"),
        "ServiceMonitor metarr does not see ['scheduler']",
    ),
    (
        rules.references_lead_somewhere,
        lambda them: _set(them.one("ServiceMonitor", "metarr")["spec"]["endpoints"][0], port="metrics"),
        "ServiceMonitor metarr asks Service metarr-api-gateway at metrics, which it has not",
    ),
    (
        rules.autoscalers_have_their_target,
        lambda them: _remove(them, "Deployment", "metarr-api-gateway"),
        "HorizontalPodAutoscaler metarr-api-gateway scales metarr-api-gateway, which is nowhere",
    ),
    (
        rules.autoscalers_have_their_target,
        lambda them: _set(_deployment(them, "api-gateway")["spec"], replicas=2),
        "Deployment metarr-api-gateway sets the number of pods",
    ),
    (
        rules.no_secret_is_here,
        lambda them: them.resources.append({"kind": "Secret", "metadata": {"name": "metarr-providers"}}),
        "Secret metarr-providers is in the manifests",
    ),
    (
        rules.no_secret_is_here,
        lambda them: _container(them)["env"].append({"name": "METARR_TMDB_KEY", "value": "0123456789abcdef"}),
        "Deployment metarr-enricher: METARR_TMDB_KEY holds a secret",
    ),
    (
        rules.no_secret_is_here,
        lambda them: _set(
            them.one("ConfigMap", "metarr")["data"], METARR_DATABASE_URL="postgresql://metarr:hunter2@metarr-postgres/"
        ),
        "METARR_DATABASE_URL holds a secret",
    ),
    (
        rules.no_secret_is_here,
        lambda them: _configure_nats(them, "$NATS_ROUTES_PASSWORD", '"hunter2"'),
        "nats.conf holds a secret",
    ),
    (
        rules.each_sees_its_own_secrets,
        lambda them: _take(_container(them), "metarr-nats-setup"),
        "Deployment metarr-enricher sees password of metarr-nats-setup",
    ),
    (
        rules.each_sees_its_own_secrets,
        lambda them: _take(_container(them, "projector"), "metarr-postgres-owner"),
        "Deployment metarr-projector sees password of metarr-postgres-owner",
    ),
    (
        rules.each_sees_its_own_secrets,
        lambda them: _take(containers(them.one("StatefulSet", "metarr-nats"))[0], "metarr-api-key"),
        "StatefulSet metarr-nats sees password of metarr-api-key",
    ),
    (
        rules.each_sees_its_own_secrets,
        lambda them: _volume(them, "scheduler", "nats-ca").pop("items"),
        "Deployment metarr-scheduler sees * of metarr-nats-tls",
    ),
    (
        rules.each_sees_its_own_secrets,
        lambda them: _container(them)["envFrom"].append({"secretRef": {"name": "metarr-providers"}}),
        "Deployment metarr-enricher takes a whole Secret for variables",
    ),
    (
        rules.the_bus_has_users,
        lambda them: _configure_nats(them, "include authorization.conf", ""),
        "NATS lets everybody in",
    ),
    (
        rules.the_bus_has_users,
        lambda them: _set(_variable(them.one("StatefulSet", "metarr-nats"), "METARR_NATS_PASSWORD_ENRICHER"), name="X"),
        "StatefulSet metarr-nats has no password of enricher",
    ),
    (
        rules.the_bus_has_users,
        lambda them: _set(_variable(_deployment(them), "NATS_USER"), value="setup"),
        "Deployment metarr-enricher is not enricher on the bus",
    ),
    (
        rules.the_gateway_is_closed,
        lambda them: _set(_variable(_deployment(them, "api-gateway"), "METARR_API_KEY_FILE"), name="METARR_KEY_FILE"),
        "Deployment metarr-api-gateway has no key",
    ),
    (
        rules.the_gateway_is_closed,
        lambda them: _set(_container(them, "api-gateway")["volumeMounts"][0], subPath="api-key"),
        "Deployment metarr-api-gateway does not see its key change",
    ),
    (
        rules.the_gateway_is_closed,
        lambda them: them.one("ConfigMap", "metarr")["data"].pop("METARR_ALLOWED_HOSTS"),
        "Deployment metarr-api-gateway answers to '', expected ['metarr.example.com']",
    ),
)


@pytest.mark.parametrize(("rule", "breaks", "problem"), BROKEN, ids=lambda part: getattr(part, "__name__", None))
def test_a_broken_rule_is_found(production: Manifests, rule: Rule, breaks: Break, problem: str) -> None:
    """Given manifests that keep the rule, when one thing is changed, then the rule says so."""
    changed = production.copy()
    breaks(changed)
    assert any(problem in said for said in rule(changed)), list(rule(changed))


def test_every_rule_is_broken_once() -> None:
    """No rule is there that nothing shows able to fail."""
    assert {rule for rule, _, _ in BROKEN} == set(rules.RULES)


@pytest.mark.parametrize(
    ("kind", "name", "breaks", "problem"),
    [
        (
            "Deployment",
            "metarr-enricher",
            lambda it: _set(pod(it), terminationGraceSeconds=5),
            "terminationGraceSeconds",
        ),
        ("Deployment", "metarr-enricher", lambda it: _set(it["spec"], replicas="two"), "'two' is not of type"),
        ("NetworkPolicy", "default", lambda it: _set(it["spec"], ingres=[]), "ingres"),
        ("Cluster", "metarr-postgres", lambda it: _set(it["spec"], image="postgres:18"), "image"),
        ("Cluster", "metarr-postgres", lambda it: it["spec"].pop("instances"), "'instances' is a required property"),
        ("ServiceMonitor", "metarr", lambda it: _set(it["spec"]["endpoints"][0], intervall="15s"), "intervall"),
        ("ServiceMonitor", "metarr", lambda it: _set(it["spec"]["endpoints"][0], interval="often"), "'often' does not"),
        ("PrometheusRule", "metarr", lambda it: _set(it["spec"]["groups"][0], rule=[]), "rule"),
        ("Certificate", "metarr-nats", lambda it: _set(it["spec"], dnsName="metarr-nats"), "dnsName"),
        ("Issuer", "metarr-nats", lambda it: _set(it["spec"]["ca"], secret="metarr-nats-authority"), "secret"),
    ],
)
def test_what_does_not_fit_its_schema_is_found(
    production: Manifests, kind: str, name: str, breaks: Callable[[Resource], object], problem: str
) -> None:
    """An unknown field, a wrong type, a field that is missing."""
    if kind in {"Cluster", "ServiceMonitor", "PrometheusRule", "Certificate", "Issuer"} and not operators_schemas():
        pytest.skip("no schemas of the operators' kinds are here (tests/kubernetes/fetch_tools.sh brings them)")
    changed = production.copy().one(kind, name)
    breaks(changed)
    assert any(problem in error for error in schema_errors(changed))
