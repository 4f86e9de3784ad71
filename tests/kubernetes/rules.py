"""Rules that every overlay keeps. Each is a function from the manifests to sentences about what is wrong."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from tests.kubernetes.manifests import (
    ROOT,
    Manifests,
    Resource,
    component,
    containers,
    pod,
    ports,
    secret_files,
    secret_variables,
    title,
    variables,
)

from metarr_chassis.service import STOP_SECONDS
from metarr_gateway.bootstrap import SHUTDOWN_SECONDS

Problems = Iterator[str]
Rule = Callable[[Manifests], Problems]

OUR_USER = 10001
OURS = re.compile(r"(.*/)?metarr/")
PINNED = re.compile(r"^[^@]+(:[0-9][\w.-]*|@sha256:[0-9a-f]{64})$")
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")
SECRET_IN_URL = re.compile(r"//[^/\s:@]*:(?!\$\(\w+\)@)[^/\s@]+@")
SECRET_IN_CONFIGURATION = re.compile(r"(password|token|pass)\s*[:=]\s*(?!\$)[^\s]", re.IGNORECASE)
PORTS = {
    "api-gateway": {"http": 3000, "health": 8080},
    "enricher": {"health": 8080},
    "scheduler": {"health": 8080},
    "projector": {"health": 8080},
    "setup": {},
    "library": {},
    "nats": {"client": 4222, "cluster": 6222, "monitor": 8222},
    "postgres": {"postgres": 5432},
    "sandbox": {"http": 3999},
}
NATS_USERS = {
    "api-gateway": "gateway",
    "enricher": "enricher",
    "scheduler": "scheduler",
    "projector": "projector",
    "setup": "setup",
}
"""Whom each component is on the bus."""

AUTHORITIES = {("metarr-nats-tls", "ca.crt"), ("metarr-postgres-ca", "ca.crt")}
API_KEY = ("metarr-api-key", "api-key")
OWNER, WRITER, READER = ((f"metarr-postgres-{role}", "password") for role in ("owner", "writer", "reader"))
SECRETS = {
    **{part: {(f"metarr-nats-{user}", "password"), *AUTHORITIES} for part, user in NATS_USERS.items()},
    "library": {API_KEY},
    "nats": {("metarr-nats-routes", "password"), ("metarr-nats-tls", "*")},
    "postgres": {OWNER},
}
"""What each component may see."""
SECRETS["api-gateway"] |= {API_KEY}
SECRETS["enricher"] |= {("metarr-providers", provider) for provider in ("tmdb", "omdb", "fanart")}
SECRETS["projector"] |= {WRITER, READER}
SECRETS["setup"] |= {OWNER, WRITER, READER}

HARDENED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pods_are_restricted(manifests: Manifests) -> Problems:
    """No root, no privilege, no token of the cluster's API, and no variables that name other services."""
    for workload in manifests.workloads():
        specification, name = pod(workload), title(workload)
        context = specification.get("securityContext", {})
        if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
            yield f"{name} may run as root"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name} has no seccomp profile"
        # METARR_* of a Service would be taken for a setting.
        for setting in ("automountServiceAccountToken", "enableServiceLinks"):
            if specification.get(setting) is not False:
                yield f"{name} does not switch {setting} off"
        for container in containers(workload):
            if container.get("securityContext") != HARDENED:
                yield f"{name}: the security context of {container['name']} is not {HARDENED}"
            if OURS.match(container["image"]) and context.get("runAsUser") != OUR_USER:
                yield f"{name} does not run as {OUR_USER}"


def namespaces_enforce_it(manifests: Manifests) -> Problems:
    """One namespace, which refuses other pods, and everything is in it."""
    (namespace,) = manifests.of("Namespace")
    if namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
        yield "the namespace takes unrestricted pods"
    for resource in manifests.resources:
        if resource is not namespace and resource["metadata"].get("namespace") != namespace["metadata"]["name"]:
            yield f"{title(resource)} is not in the namespace"


def resources_are_given(manifests: Manifests) -> Problems:
    """Each container, and the database, asks for processor and memory and has a limit of both."""
    parts: list[tuple[str, Resource]] = [
        (f"{title(workload)}: {container['name']}", container)
        for workload in manifests.workloads()
        for container in containers(workload)
    ]
    parts += [(title(cluster), cluster["spec"]) for cluster in manifests.of("Cluster")]
    for (name, part), bound, resource in product(parts, ("requests", "limits"), ("cpu", "memory")):
        if resource not in part.get("resources", {}).get(bound, {}):
            yield f"{name} has no {bound} of {resource}"


def images_are_pinned(manifests: Manifests) -> Problems:
    """Each image has a version; ours have that of the packages."""
    version = re.search(r'^version = "(.*)"$', (ROOT / "deploy/local/pyproject.toml").read_text(), re.MULTILINE)
    assert version
    images = [container["image"] for workload in manifests.workloads() for container in containers(workload)]
    for cluster in manifests.of("Cluster"):
        # Whose image that is, and of which minor version, is up to the catalogue in the cluster.
        if not isinstance(cluster["spec"].get("imageCatalogRef", {}).get("major"), int):
            yield f"{title(cluster)} has no major version"
    for image in images:
        if not PINNED.match(image):
            yield f"{image!r} has no version"
        if OURS.match(image) and not image.endswith(f":{version[1]}"):
            yield f"{image} is not of version {version[1]}"


def probes_mean_something(manifests: Manifests) -> Problems:
    """Each service has three probes, and none but that of readiness looks at more than the process."""
    for service in manifests.services():
        (container,) = containers(service)
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container.get(probe, {}).get("httpGet", {})
            path = "/readyz" if probe == "readinessProbe" else "/healthz"
            if asked.get("path") != path:
                yield f"{title(service)}: {probe} does not ask {path}"
            if asked.get("port") not in ports(service):
                yield f"{title(service)}: {probe} asks no port that it has"
        # A gateway is ready where its visitors come.
        wanted = "http" if component(service) == "api-gateway" else "health"
        if container.get("readinessProbe", {}).get("httpGet", {}).get("port") != wanted:
            yield f"{title(service)}: readiness is not asked at {wanted}"


def updates_lose_nothing(manifests: Manifests) -> Problems:
    """A pod goes after its successor is ready, and has the time that it needs to end."""
    for service in manifests.services():
        if service["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxUnavailable") != 0:
            yield f"{title(service)} goes before its successor is ready"
        needed = STOP_SECONDS
        if component(service) == "api-gateway":
            sleep = containers(service)[0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            needed += sleep + SHUTDOWN_SECONDS
            if not sleep:
                yield f"{title(service)} ends while proxies still send it requests"
        if pod(service).get("terminationGracePeriodSeconds", 30) <= needed:
            yield f"{title(service)} is killed before its {needed} s to end are over"


def selectors_match(manifests: Manifests) -> Problems:
    """Who selects pods selects those that it means: of one workload, its own or that of the same component."""
    selecting: list[tuple[Resource, dict[str, str], Resource | None]] = [
        (each, each["spec"]["selector"]["matchLabels"], each) for each in manifests.of("Deployment", "StatefulSet")
    ]
    selecting += [(each, each["spec"]["selector"], None) for each in manifests.of("Service")]
    selecting += [(each, each["spec"]["selector"]["matchLabels"], None) for each in manifests.of("PodDisruptionBudget")]
    selecting += [
        (each, spread["labelSelector"]["matchLabels"], each)
        for each in manifests.workloads()
        for spread in pod(each).get("topologySpreadConstraints", [])
    ]
    for resource, labels, own in selecting:
        found = manifests.selected(labels)
        if len(found) != 1 or found[0] is not (own or found[0]) or component(found[0]) != component(resource):
            yield f"{title(resource)} selects {[title(each) for each in found]}"


def disruption_budgets_let_one_go(manifests: Manifests) -> Problems:
    """A node can be emptied: each budget lets one pod go."""
    for budget in manifests.of("PodDisruptionBudget"):
        if budget["spec"].get("maxUnavailable") != 1 or "minAvailable" in budget["spec"]:
            yield f"{title(budget)} does not let one pod go"


def ports_are_those_of_the_contract(manifests: Manifests) -> Problems:
    """Containers listen where everybody expects them, and Services send there."""
    for workload in manifests.workloads():
        wanted = PORTS[str(component(workload))]
        if ports(workload) != wanted:
            yield f"{title(workload)} has the ports {ports(workload)}, expected {wanted}"
    for service in manifests.of("Service"):
        for workload, port in product(manifests.selected(service["spec"]["selector"]), service["spec"]["ports"]):
            if ports(workload).get(port["targetPort"]) != port["port"] or port["name"] != port["targetPort"]:
                yield f"{title(service)} has a port {port['name']} that {title(workload)} has not"


def references_lead_somewhere(manifests: Manifests) -> Problems:
    """What is named is here; a Secret is described in the documentation, or made by the operator."""
    page = (ROOT / "docs" / "deploy-kubernetes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|(.*)\|.*\| (?!CloudNativePG|cert-manager)[^|]+ \|$", page, re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`(metarr-[a-z-]+)`", row.partition("|")[0])}
    made = {f"{cluster['metadata']['name']}-ca" for cluster in manifests.of("Cluster")}
    made |= {each["spec"]["secretName"] for each in manifests.of("Certificate")}
    made |= {
        each["secretName"]
        for ingress in manifests.of("Ingress")
        if any("cert-manager" in name for name in ingress["metadata"]["annotations"])
        for each in ingress["spec"]["tls"]
    }
    configurations = {each["metadata"]["name"] for each in manifests.of("ConfigMap")}
    for resource in manifests.resources:
        for kind, name in _references(resource):
            if name not in (configurations if kind == "ConfigMap" else described | made):
                yield f"{title(resource)} needs the {kind} {name}, which is nowhere"
    for ingress in manifests.of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                if (backend["name"], backend["port"]["name"]) not in _service_ports(manifests):
                    yield f"{title(ingress)} leads to {backend}, which is nowhere"
    for monitor in manifests.of("ServiceMonitor"):
        yield from _monitored(manifests, monitor)


def autoscalers_have_their_target(manifests: Manifests) -> Problems:
    """An autoscaler finds its Deployment, which leaves the number of its pods to it."""
    for autoscaler in manifests.of("HorizontalPodAutoscaler"):
        target = autoscaler["spec"]["scaleTargetRef"]
        found = [each for each in manifests.of(target["kind"]) if each["metadata"]["name"] == target["name"]]
        if not found:
            yield f"{title(autoscaler)} scales {target['name']}, which is nowhere"
        for workload in found:
            if "replicas" in workload["spec"]:
                yield f"{title(workload)} sets the number of pods that {title(autoscaler)} decides"


def no_secret_is_here(manifests: Manifests) -> Problems:
    """Secrets are referred to; none is made with a value, and no variable and no configuration holds one."""
    for secret in manifests.of("Secret"):
        yield f"{title(secret)} is in the manifests"
    given = [
        (title(workload), variable["name"], variable.get("value", ""))
        for workload in manifests.workloads()
        for container in containers(workload)
        for variable in container.get("env", [])
    ]
    given += [(title(each), *item) for each in manifests.of("ConfigMap") for item in each["data"].items()]
    for owner, name, value in given:
        by_name = SECRET_NAME.search(name) and value and not name.endswith("_FILE")
        if by_name or SECRET_IN_URL.search(value) or SECRET_IN_CONFIGURATION.search(value):
            yield f"{owner}: {name} holds a secret"


def each_sees_its_own_secrets(manifests: Manifests) -> Problems:
    """A component gets the keys of Secrets that it needs, and the NATS servers the password of each user."""
    for workload in manifests.workloads():
        part = str(component(workload))
        seen = {*secret_files(workload).values()}
        for container in containers(workload):
            seen |= {*secret_variables(container).values()}
            if any("secretRef" in source for source in container.get("envFrom", [])):
                yield f"{title(workload)} takes a whole Secret for variables"
        for name, key in sorted(seen - SECRETS.get(part, set())):
            if part != "nats" or (name, key) not in {(f"metarr-nats-{user}", "password") for user in _users(manifests)}:
                yield f"{title(workload)} sees {key} of {name}"


def the_bus_has_users(manifests: Manifests) -> Problems:
    """Each NATS server knows each user by the password of its Secret, and each component is its own user."""
    (servers,) = (each for each in manifests.of("StatefulSet") if component(each) == "nats")
    (server,) = containers(servers)
    if "\ninclude authorization.conf\n" not in manifests.one("ConfigMap", "metarr-nats")["data"]["nats.conf"]:
        yield "NATS lets everybody in"
    given = secret_variables(server)
    for user in _users(manifests):
        if given.get(f"METARR_NATS_PASSWORD_{user.upper()}") != (f"metarr-nats-{user}", "password"):
            yield f"{title(servers)} has no password of {user}"
    for workload in manifests.workloads():
        user = NATS_USERS.get(str(component(workload)), "")
        if not user:
            continue
        address = variables(containers(workload)[0], "/".join).get("METARR_NATS_URL", "")
        if not re.match(rf"(nats|tls)://{user}:metarr-nats-{user}/password@metarr-nats", address):
            yield f"{title(workload)} is not {user} on the bus"


def the_gateway_is_closed(manifests: Manifests) -> Problems:
    """It has a key, which it sees change, and answers to the names of its Ingress alone."""
    gateway = manifests.one("Deployment", "metarr-api-gateway")
    (container,) = containers(gateway)
    file = variables(container, "/".join).get("METARR_API_KEY_FILE", "")
    if secret_files(gateway).get(file) != API_KEY:
        yield f"{title(gateway)} has no key"
    # A file that is mounted by itself stays what it was.
    if any("subPath" in mount for mount in container["volumeMounts"]):
        yield f"{title(gateway)} does not see its key change"
    hosts = {rule["host"] for ingress in manifests.of("Ingress") for rule in ingress["spec"]["rules"]}
    allowed = manifests.one("ConfigMap", "metarr")["data"].get("METARR_ALLOWED_HOSTS", "")
    if hosts != {*filter(None, allowed.split(","))}:
        yield f"{title(gateway)} answers to {allowed!r}, expected {sorted(hosts)}"


RULES: tuple[Rule, ...] = (
    pods_are_restricted,
    namespaces_enforce_it,
    resources_are_given,
    images_are_pinned,
    probes_mean_something,
    updates_lose_nothing,
    selectors_match,
    disruption_budgets_let_one_go,
    ports_are_those_of_the_contract,
    references_lead_somewhere,
    autoscalers_have_their_target,
    no_secret_is_here,
    each_sees_its_own_secrets,
    the_bus_has_users,
    the_gateway_is_closed,
)


def _references(part: Any) -> Iterator[tuple[str, str]]:
    """Kind and name of each ConfigMap and Secret that a resource names."""
    if isinstance(part, list):
        for each in part:
            yield from _references(each)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name in {"configMapRef", "configMapKeyRef", "configMap"}:
            yield "ConfigMap", value["name"]
        elif name in {"secretRef", "secretKeyRef", "passwordSecret"} or (name == "secret" and "name" in value):
            yield "Secret", value["name"]
        elif name == "secretName":
            yield "Secret", value
        else:
            yield from _references(value)


def _users(manifests: Manifests) -> list[str]:
    """The users that NATS is told of."""
    text = manifests.one("ConfigMap", "metarr-nats-authorization")["data"]["authorization.conf"]
    return [name.lower() for name in re.findall(r"password: \$METARR_NATS_PASSWORD_(\w+)", text)]


def _service_ports(manifests: Manifests) -> set[tuple[str, str]]:
    return {
        (service["metadata"]["name"], port["name"])
        for service in manifests.of("Service")
        for port in service["spec"]["ports"]
    }


def _monitored(manifests: Manifests, monitor: Resource) -> Problems:
    """A monitor selects the Services of all four services, and ports that they have."""
    selector = monitor["spec"]["selector"]
    (expression,) = selector["matchExpressions"]
    assert expression["operator"] == "In"
    selected = [
        service
        for service in manifests.of("Service")
        if selector["matchLabels"].items() <= service["metadata"]["labels"].items()
        and service["metadata"]["labels"].get(expression["key"]) in expression["values"]
    ]
    missing = {component(each) for each in manifests.services()} - {component(service) for service in selected}
    if missing:
        yield f"{title(monitor)} does not see {sorted(map(str, missing))}"
    for service, endpoint in product(selected, monitor["spec"]["endpoints"]):
        if endpoint["port"] not in {port["name"] for port in service["spec"]["ports"]}:
            yield f"{title(monitor)} asks {title(service)} at {endpoint['port']}, which it has not"
