"""The overlays build, fit the schemas of Kubernetes and of the operators, and keep the rules."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import trustme
import yaml
from tests.kubernetes.manifests import (
    FOLDER,
    ROOT,
    SERVICES,
    Manifests,
    Resource,
    SecretKey,
    build,
    component,
    containers,
    pod,
    secret_files,
    title,
    variables,
)
from tests.kubernetes.rules import RULES, Rule
from tests.kubernetes.schemas import schema_errors

from metarr_chassis.nats_servers import parse_servers
from metarr_chassis.settings import ServiceSettings, read_settings
from metarr_contracts.fields import ProviderName
from metarr_enricher.settings import EnricherSettings
from metarr_gateway.settings import GatewaySettings
from metarr_local.settings import SetupSettings
from metarr_projector.settings import ProjectorSettings
from metarr_scheduler.settings import SchedulerSettings

SETTINGS: dict[str, type[ServiceSettings]] = {
    "api-gateway": GatewaySettings,
    "enricher": EnricherSettings,
    "scheduler": SchedulerSettings,
    "projector": ProjectorSettings,
    "setup": SetupSettings,
}
SECRET = "ALetterAndThirtyNineOthers0123456789abcd"
PROVIDERS = {"tmdb": "a key", "omdb": "", "fanart": ""}
"""What docs/deploy-kubernetes.md says: all three, empty where there is none."""


def test_each_resource_fits_its_schema(manifests: Manifests) -> None:
    """A field that its kind does not have is an error, for kinds of operators, too."""
    unknown, wrong = set(), []
    for resource in manifests.resources:
        try:
            wrong += [f"{title(resource)}: {error}" for error in schema_errors(resource)]
        except kubernetes_validate.SchemaNotFoundError:
            unknown.add(resource["kind"])
    assert wrong == []
    if unknown:
        pytest.skip(f"no schemas of {sorted(unknown)} are here (tests/kubernetes/fetch_tools.sh brings them)")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_overlay_keeps_the_rule(manifests: Manifests, rule: Rule) -> None:
    """Rules are those of tests/kubernetes/rules.py."""
    assert list(rule(manifests)) == []


def test_services_and_setup_take_their_settings(manifests: Manifests, tmp_path: Path) -> None:
    """Each starts with the environment that its manifest gives it, and each METARR_* variable is a setting of it.

    Variables for all of them are a setting of one at least.
    """
    shared: set[str] = set()
    for workload in manifests.of("Deployment", "Job"):
        settings = SETTINGS.get(str(component(workload)))
        if settings is None:
            continue
        for_all, own = _environment(manifests, workload, tmp_path)
        read_settings(settings, {**for_all, **own})
        assert {name for name in own if name.startswith("METARR_")} <= _names(settings), title(workload)
        shared |= {*for_all}
    assert shared <= {name for settings in SETTINGS.values() for name in _names(settings)}


def test_a_provider_with_an_empty_key_is_off(production: Manifests, tmp_path: Path) -> None:
    """The Secret always has all three keys."""
    workload = production.one("Deployment", "metarr-enricher")
    for_all, own = _environment(production, workload, tmp_path)
    settings = read_settings(EnricherSettings, {**for_all, **own})
    providers: tuple[ProviderName, ...] = ("tmdb", "omdb", "fanart")
    assert [settings.key(provider) for provider in providers] == ["a key", None, None]


def test_the_gateway_keeps_pictures_in_its_volume(manifests: Manifests, tmp_path: Path) -> None:
    """The cache is in a folder that can be written, and the volume holds more than it may have."""
    workload = manifests.one("Deployment", "metarr-api-gateway")
    for_all, own = _environment(manifests, workload, tmp_path)
    settings = read_settings(GatewaySettings, {**for_all, **own})
    (container,) = containers(workload)
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
    limit = volumes[mounts[str(settings.picture_cache_dir)]]["emptyDir"]["sizeLimit"]
    assert limit == "1Gi"
    assert settings.picture_cache_mb < 1024


def test_upload_limits_agree(production: Manifests, tmp_path: Path) -> None:
    """The Ingress lets through what the gateway takes."""
    for_all, own = _environment(production, production.one("Deployment", "metarr-api-gateway"), tmp_path)
    settings = read_settings(GatewaySettings, {**for_all, **own})
    annotations = production.one("Ingress", "metarr")["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-body-size"] == f"{settings.upload_limit_mb}m"


def test_clients_and_servers_know_all_nats_servers(manifests: Manifests) -> None:
    """The address names each server, a cluster's servers know each other, and there are as many as copies."""
    servers = manifests.one("StatefulSet", "metarr-nats")
    service = servers["spec"]["serviceName"]
    assert manifests.one("Service", service)["spec"]["clusterIP"] == "None"
    count = servers["spec"]["replicas"]
    names = [f"metarr-nats-{number}.{service}" for number in range(count)] if count > 1 else [service]
    scheme = "tls" if count > 1 else "nats"
    for workload in (*manifests.services(), manifests.one("Job", "metarr-setup")):
        address = variables(containers(workload)[0], _secret)["METARR_NATS_URL"]
        assert list(parse_servers(address).urls) == [f"{scheme}://{name}:4222" for name in names]
    assert int(manifests.one("ConfigMap", "metarr")["data"]["METARR_REPLICAS"]) == count
    (server,) = containers(servers)
    given = variables(server, _secret)
    configuration = manifests.one("ConfigMap", "metarr-nats")["data"]["nats.conf"]
    routes = re.findall(r"\$(NATS_ROUTE_\d)", configuration)
    assert [given[route] for route in routes] == [f"nats://routes:{SECRET}@{name}:6222" for name in names if count > 1]


def test_a_nats_server_has_time_to_leave(manifests: Manifests) -> None:
    """It hands over for `lame_duck_duration` after `lame_duck_grace_period`, and is not killed meanwhile."""
    configuration = manifests.one("ConfigMap", "metarr-nats")["data"]["nats.conf"]
    seconds = sum(int(number) for number in re.findall(r"^lame_duck_\w+: (\d+)s$", configuration, re.MULTILINE))
    assert pod(manifests.one("StatefulSet", "metarr-nats"))["terminationGracePeriodSeconds"] > seconds > 0


def test_everything_is_encrypted_in_production(production: Manifests) -> None:
    """Clients verify the servers of NATS and PostgreSQL, NATS servers each other, and nobody gets in without TLS."""
    for workload in (*production.services(), production.one("Job", "metarr-setup")):
        given = variables(containers(workload)[0], _secret)
        assert secret_files(workload)[given["METARR_NATS_CA_FILE"]] == ("metarr-nats-tls", "ca.crt")
        for address in (value for name, value in given.items() if re.fullmatch(r"METARR_DATABASE_\w*URL", name)):
            parts = urlsplit(address)
            options = parse_qs(parts.query)
            assert parts.hostname == "metarr-postgres-rw"
            assert options["sslmode"] == ["verify-full"]
            assert secret_files(workload)[options["sslrootcert"][0]] == ("metarr-postgres-ca", "ca.crt")
    database = production.one("Cluster", "metarr-postgres")["spec"]
    assert database["postgresql"]["pg_hba"] == ["hostnossl all all all reject"]


def test_roles_of_the_database(production: Manifests) -> None:
    """The operator makes them with the passwords that setup and the projector are given; the owner is a writer."""
    database = production.one("Cluster", "metarr-postgres")["spec"]
    assert database["bootstrap"]["initdb"]["secret"] == {"name": "metarr-postgres-owner"}
    roles = {role["name"]: role for role in database["managed"]["roles"]}
    assert roles == {
        "metarr": {"name": "metarr", "login": True, "inRoles": ["metarr_writer"]},
        "metarr_writer": {"name": "metarr_writer", "login": True, "passwordSecret": {"name": "metarr-postgres-writer"}},
        "metarr_reader": {"name": "metarr_reader", "login": True, "passwordSecret": {"name": "metarr-postgres-reader"}},
    }


def test_production_stands_the_loss_of_a_pod(production: Manifests) -> None:
    """Two of each service, three NATS servers on three nodes, two instances of the database; a budget for each."""
    for name in SERVICES:
        deployment = production.one("Deployment", f"metarr-{name}")
        production.one("PodDisruptionBudget", f"metarr-{name}")
        spread = pod(deployment)["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in spread] == ["kubernetes.io/hostname"]
        if name != "api-gateway":
            assert deployment["spec"]["replicas"] == 2
    assert production.one("HorizontalPodAutoscaler", "metarr-api-gateway")["spec"]["minReplicas"] == 2
    servers = production.one("StatefulSet", "metarr-nats")
    production.one("PodDisruptionBudget", "metarr-nats")
    assert servers["spec"]["replicas"] == 3
    assert pod(servers)["topologySpreadConstraints"][0]["whenUnsatisfiable"] == "DoNotSchedule"
    assert production.one("Cluster", "metarr-postgres")["spec"]["instances"] == 2


def test_dev_is_a_demo_with_one_of_each(dev: Manifests) -> None:
    """No key, no operator, the sandbox instead of providers."""
    assert {resource["kind"] for resource in dev.resources} <= {
        *("Namespace", "ConfigMap", "Service", "Deployment", "StatefulSet", "Job", "PodDisruptionBudget")
    }
    assert all(workload["spec"].get("replicas", 1) == 1 for workload in dev.workloads())
    url = dev.one("ConfigMap", "metarr")["data"]["METARR_SANDBOX_URL"]
    assert url == "http://metarr-sandbox:3999"
    dev.one("Service", "metarr-sandbox")


def test_setup_can_be_applied_again(manifests: Manifests) -> None:
    """A Job cannot be changed, so the finished one goes by itself; until then it tries again."""
    job = manifests.one("Job", "metarr-setup")
    assert job["spec"]["ttlSecondsAfterFinished"] > 0
    assert pod(job)["restartPolicy"] == "OnFailure"
    assert containers(job)[0]["command"] == ["metarr", "setup"]


def test_alerts_are_those_of_the_repository(production: Manifests) -> None:
    """`make export` writes the PrometheusRule from deploy/observability/alerts.yaml."""
    alerts = yaml.safe_load((ROOT / "deploy" / "observability" / "alerts.yaml").read_text(encoding="utf-8"))
    assert production.one("PrometheusRule", "metarr")["spec"] == alerts


@pytest.mark.usefixtures("production")
def test_the_documented_overlay_works(tmp_path: Path) -> None:
    """What docs/deploy-kubernetes.md shows as an overlay of one's own builds, and says what it is meant to say."""
    page = (ROOT / "docs" / "deploy-kubernetes.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    overlay = os.path.relpath(FOLDER / "overlays" / "production", tmp_path)
    text = shown.replace("../metarr/deploy/kubernetes/overlays/production", overlay)
    (tmp_path / "kustomization.yaml").write_text(text, encoding="utf-8")
    built = build(tmp_path)
    for workload in (*built.services(), built.one("Job", "metarr-setup")):
        (container,) = containers(workload)
        assert container["image"].startswith("registry.example.com/metarr/")
        assert built.one("ConfigMap", "metarr")["metadata"]["name"] == container["envFrom"][0]["configMapRef"]["name"]
    assert built.one("ConfigMap", "metarr")["data"]["METARR_TIME_ZONE"] == "Europe/Berlin"
    assert built.one("Ingress", "metarr")["spec"]["tls"][0]["hosts"] == ["films.example.org"]
    assert [problem for rule in RULES for problem in rule(built)] == []


def test_base_names_no_namespace() -> None:
    """Overlays say where everything goes."""
    for file in (FOLDER / "base").rglob("*.yaml"):
        for resource in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            assert "namespace" not in {*resource, *resource.get("metadata", {})}, file


def _environment(manifests: Manifests, workload: Resource, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What a container gets: variables for all, and its own; what Secrets hold is written to a folder of the test."""
    (container,) = containers(workload)
    for_all: dict[str, str] = {}
    for source in container["envFrom"]:
        for_all |= manifests.one("ConfigMap", source["configMapRef"]["name"].rpartition("-")[0])["data"]
    own = variables(container, _secret)
    for path, (_, key) in secret_files(workload).items():
        file = folder / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_file(key), encoding="utf-8")
        own = {name: value.replace(path, str(file)) for name, value in own.items()}
    return for_all, own


def _secret(_: SecretKey) -> str:
    return SECRET


def _file(key: str) -> str:
    if key == "ca.crt":
        return trustme.CA().cert_pem.bytes().decode()
    return PROVIDERS.get(key, SECRET)


def _names(settings: type[ServiceSettings]) -> set[str]:
    names = {f"METARR_{name.upper()}" for name in settings.model_fields}
    return names | {f"{name}_FILE" for name in names}
