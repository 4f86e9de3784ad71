"""The built manifests of an overlay, and what tests ask of them."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("dev", "production")
SERVICES = ("api-gateway", "enricher", "scheduler", "projector")

COMPONENT = "app.kubernetes.io/component"
WORKLOADS = ("Deployment", "StatefulSet", "Job")

Resource = dict[str, Any]
Labels = Mapping[str, str]
SecretKey = tuple[str, str]
"""Name and key of a Secret."""


@dataclass(frozen=True)
class Manifests:
    """The resources of one overlay."""

    resources: list[Resource]

    def copy(self) -> "Manifests":
        """One that may be changed."""
        return Manifests(deepcopy(self.resources))

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these kinds."""
        return (resource for resource in self.resources if resource["kind"] in kinds)

    def one(self, kind: str, name: str) -> Resource:
        """The resource of this kind and name; a generated name counts without its hash."""
        (found,) = (resource for resource in self.of(kind) if _is_named(resource, name))
        return found

    def workloads(self) -> Iterator[Resource]:
        """What makes pods."""
        return self.of(*WORKLOADS)

    def services(self) -> Iterator[Resource]:
        """The Deployments of our four services."""
        return (workload for workload in self.of("Deployment") if component(workload) in SERVICES)

    def selected(self, labels: Labels) -> list[Resource]:
        """The workloads whose pods have all of these labels."""
        return [workload for workload in self.workloads() if labels.items() <= pod_labels(workload).items()]


def build(folder: Path) -> Manifests:
    """What `kubectl apply --kustomize` would send."""
    command = kustomize()
    assert command is not None
    built = subprocess.run([*command, str(folder)], check=True, capture_output=True, text=True)  # noqa: S603 - our own folder
    return Manifests(list(yaml.safe_load_all(built.stdout)))


def kustomize() -> list[str] | None:
    """The command that builds a folder; None where neither kustomize nor kubectl is installed."""
    for program, *arguments in (("kustomize", "build"), ("kubectl", "kustomize")):
        for path in (None, str(ROOT / ".tools")):
            if found := shutil.which(program, path=path):
                return [found, *arguments]
    return None


def title(resource: Resource) -> str:
    """How a person calls it."""
    return f"{resource['kind']} {resource['metadata']['name']}"


def component(resource: Resource) -> str | None:
    """Which part of the product it is or belongs to."""
    found: str | None = resource["metadata"].get("labels", {}).get(COMPONENT)
    return found


def pod(workload: Resource) -> Resource:
    """The specification of a workload's pods."""
    specification: Resource = workload["spec"]["template"]["spec"]
    return specification


def pod_labels(workload: Resource) -> Labels:
    """The labels of a workload's pods."""
    labels: Labels = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def containers(workload: Resource) -> list[Resource]:
    """All containers of a workload's pods."""
    specification = pod(workload)
    return [*specification.get("initContainers", []), *specification["containers"]]


def ports(workload: Resource) -> dict[str, int]:
    """The named ports of a workload's pods."""
    return {port["name"]: port["containerPort"] for each in containers(workload) for port in each.get("ports", [])}


def variables(container: Resource, secret: Callable[[SecretKey], str]) -> dict[str, str]:
    """A container's own variables as the kubelet makes them: `$(NAME)` is the value of one that stands before it."""
    found: dict[str, str] = {}
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {})
        if "secretKeyRef" in source:
            found[variable["name"]] = secret((source["secretKeyRef"]["name"], source["secretKeyRef"]["key"]))
        elif "fieldRef" in source:
            found[variable["name"]] = source["fieldRef"]["fieldPath"]
        else:
            found[variable["name"]] = re.sub(r"\$\((\w+)\)", lambda at: found.get(at[1], at[0]), variable["value"])
    return found


def secret_variables(container: Resource) -> dict[str, SecretKey]:
    """Where the variables come from that hold a Secret's key and nothing else."""
    sources = {variable["name"]: variable.get("valueFrom", {}) for variable in container.get("env", [])}
    return {
        name: (source["secretKeyRef"]["name"], source["secretKeyRef"]["key"])
        for name, source in sources.items()
        if "secretKeyRef" in source
    }


def secret_files(workload: Resource) -> dict[str, SecretKey]:
    """What a workload's containers find of Secrets in their file systems: path, and where it comes from.

    A volume that does not say which keys it takes has them all, `*`.
    """
    volumes = {volume["name"]: volume["secret"] for volume in pod(workload)["volumes"] if "secret" in volume}
    return {
        f"{mount['mountPath']}/{item['path']}": (volumes[mount["name"]]["secretName"], item["key"])
        for container in containers(workload)
        for mount in container.get("volumeMounts", [])
        if mount["name"] in volumes
        for item in volumes[mount["name"]].get("items", [{"path": "*", "key": "*"}])
    }


def _is_named(resource: Resource, name: str) -> bool:
    found = resource["metadata"]["name"]
    generated = resource["kind"] == "ConfigMap" and found.rpartition("-")[0] == name
    return bool(found == name or generated)
