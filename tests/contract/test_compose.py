"""What the Compose files promise, read from the files themselves; no Docker engine is needed."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from metarr_chassis.nats_servers import parse_servers
from metarr_chassis.settings import ServiceSettings
from metarr_contracts.permissions import USERS, password_variable
from metarr_enricher.settings import EnricherSettings
from metarr_gateway.settings import GatewaySettings
from metarr_local.embedded_nats import nats_server_program
from metarr_local.settings import RunSettings, SetupSettings
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
COMPOSE = ("compose.yaml", "compose.demo.yaml", "compose.home.yaml")


class Loader(yaml.SafeLoader):
    """Knows the tags of Compose that replace what another file says."""


def _untagged(loader: Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


Loader.add_constructor("!reset", _untagged)
Loader.add_constructor("!override", _untagged)


def compose(name: str) -> dict[str, Any]:
    """A Compose file as it stands."""
    loaded: dict[str, Any] = yaml.load((DOCKER / name).read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe loader
    return loaded


def whole_services() -> list[Any]:
    """The services of the Compose files that stand alone."""
    return [
        pytest.param(settings, id=f"{name}: {service}")
        for name in ("compose.yaml", "compose.home.yaml")
        for service, settings in compose(name)["services"].items()
    ]


@pytest.mark.parametrize("service", whole_services())
def test_each_container_is_shut_in(service: dict[str, Any]) -> None:
    """Read-only, without capabilities, with limits for what it takes and for what it writes to the log."""
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert not {"privileged", "network_mode", "pid"} & set(service)
    one_shot = service.get("command") in (["setup"], ["--help"])
    assert service["restart"] == ("no" if one_shot else "unless-stopped")
    assert one_shot or "stop_grace_period" in service


def test_what_the_demo_adds_is_shut_in_too() -> None:
    """It extends a service that is, and changes nothing of that."""
    base, demo = compose("compose.yaml")["services"], compose("compose.demo.yaml")["services"]
    for name in demo.keys() - base.keys():
        assert demo[name]["extends"] == {"file": "compose.yaml", "service": "setup"}
    for settings in demo.values():
        assert not {"read_only", "cap_drop", "security_opt", "deploy", "ports", "privileged"} & set(settings)


def test_only_the_web_server_is_published_and_to_this_machine_alone() -> None:
    """Unless METARR_ADDRESS says otherwise."""
    for name in COMPOSE:
        for service, settings in compose(name)["services"].items():
            published = service in {"api-gateway", "metarr"} and name != "compose.demo.yaml"
            assert settings.get("ports") == (
                ["${METARR_ADDRESS:-127.0.0.1}:${METARR_PORT:-3000}:3000"] if published else None
            )


def test_secrets_are_files() -> None:
    """No variable holds one; each is handed to those who need it, from a folder that git and Docker leave alone."""
    for name in COMPOSE:
        loaded = compose(name)
        for secret, source in loaded.get("secrets", {}).items():
            assert source == {"file": f"secrets/{secret}"}
        for settings in loaded["services"].values():
            environment = settings.get("environment") or {}
            secret_ones = {name for name in environment if re.search("PASSWORD|_KEY|(NATS|DATABASE).*_URL", name)}
            assert {name for name in secret_ones if not name.endswith("_FILE")} == set()
            paths = {value for name, value in environment.items() if name in secret_ones and value}
            given = {*(settings.get("secrets") or ())} - {"nats-passwords"}
            assert name == "compose.demo.yaml" or paths == {f"/run/secrets/{secret}" for secret in given}
    assert "/deploy/docker/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"


def test_variables_of_compose_are_settings() -> None:
    """Of the service that is given them."""
    known: dict[str, type[ServiceSettings]] = {**SERVICES, "setup": SetupSettings}
    everybody: tuple[type[ServiceSettings], ...] = (*SERVICES.values(), RunSettings)
    handed_on = {name for settings in everybody for name in settings.model_fields}
    for name in COMPOSE:
        for service, settings in compose(name)["services"].items():
            names = {name for name in settings.get("environment") or {} if name.startswith("METARR_")}
            fields = set(known[service].model_fields) if service in known else handed_on
            assert names <= {f"METARR_{field.upper()}{suffix}" for field in fields for suffix in ("", "_FILE")}, service


def test_the_order_of_the_start() -> None:
    """Bus and database work, then they are set up, then the services start."""
    services = compose("compose.yaml")["services"]
    conditions = {
        name: {other: how["condition"] for other, how in settings.get("depends_on", {}).items()}
        for name, settings in services.items()
    }
    assert conditions["nats"] == conditions["postgres"] == {}
    assert conditions["setup"] == {"nats": "service_healthy", "postgres": "service_healthy"}
    after_setup = {"nats": "service_healthy", "setup": "service_completed_successfully"}
    for name in SERVICES:
        database = {"postgres": "service_healthy"} if name == "projector" else {}
        assert conditions[name] == after_setup | database
    assert {name for name, settings in services.items() if "test" in settings.get("healthcheck", {})} == {
        "nats",
        "postgres",
    }


def test_who_reaches_whom() -> None:
    """The database is reached by its projector and by setup alone; only two speak with the world."""
    loaded = compose("compose.yaml")
    on = {
        network: {name for name, settings in loaded["services"].items() if network in settings["networks"]}
        for network in loaded["networks"]
    }
    assert on["database"] == {"postgres", "projector", "setup"}
    assert on["outside"] == {"api-gateway", "enricher"}
    assert on["bus"] == {*SERVICES, "nats", "setup", "operator"}
    internal = {name for name, settings in loaded["networks"].items() if settings and settings["internal"]}
    assert internal == {"bus", "database"}


def test_the_command_leaves_no_volume_behind() -> None:
    """The image of everything in one has a volume; where it only carries out a command it is in memory."""
    for name in ("setup", "operator"):
        assert "/data:size=1m" in compose("compose.yaml")["services"][name]["tmpfs"]
    assert compose("compose.home.yaml")["services"]["metarr"]["volumes"] == ["data:/data"]


def test_nobody_watches_the_bus_without_a_password() -> None:
    """The monitoring port shows every connection with what it hears, and asks for nothing: it is the check's alone."""
    text = (DOCKER / "nats.conf").read_text(encoding="utf-8")
    assert re.findall(r"^\s*https?(?:_port)?:.*$", text, re.MULTILINE) == ['http: "127.0.0.1:8222"']


def test_the_bus_keeps_what_it_acknowledged() -> None:
    """Each write is on the disk before it is acknowledged."""
    assert re.search(r"^\s*sync_interval: always$", (DOCKER / "nats.conf").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_bus_stores_as_long_as_there_is_room() -> None:
    """Its limit is that of the disk, also when it is started with more stored than free."""
    assert re.search(r"^\s*max_file_store: 1PB$", (DOCKER / "nats.conf").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """A copy of the folder in which the script is, beside the users of NATS."""
    shutil.copytree(DOCKER.parent / "nats", tmp_path / "nats")
    (tmp_path / "docker").mkdir()
    for name in ("make-secrets.sh", "nats.conf"):
        shutil.copy(DOCKER / name, tmp_path / "docker")
    return tmp_path / "docker"


def made(folder: Path) -> dict[str, str]:
    """All secrets after a call of the script, which shows none."""
    done = subprocess.run([folder / "make-secrets.sh"], check=True, capture_output=True, text=True)  # noqa: S603 - ours
    found = {path.name: path.read_text(encoding="utf-8").strip() for path in (folder / "secrets").iterdir()}
    assert not [name for name, secret in found.items() if secret and secret in done.stdout + done.stderr]
    return found


OURS = {
    "nats": {"nats-passwords"},
    "postgres": {"database-password"},
    "setup": {"nats-url-setup", "database-url", "database-writer-url", "database-reader-url"},
    "api-gateway": {"nats-url-gateway", "api-key"},
    "enricher": {"nats-url-enricher", "tmdb-key", "omdb-key", "fanart-key"},
    "scheduler": {"nats-url-scheduler"},
    "projector": {"nats-url-projector", "database-writer-url", "database-reader-url"},
    "operator": {"nats-url-operator", "api-key"},
}


def test_each_container_gets_its_own_secrets() -> None:
    """And no other's; the demo takes some away, and its library has the key alone."""
    services = compose("compose.yaml")["services"]
    assert {name: {*settings.get("secrets", ())} for name, settings in services.items()} == OURS
    demo = compose("compose.demo.yaml")["services"]
    assert {name: {*given} for name, settings in demo.items() if (given := settings.get("secrets"))} == {
        "enricher": {"nats-url-enricher"},
        "library": {"api-key"},
    }
    assert services["projector"]["environment"]["METARR_DATABASE_URL_FILE"] == "/run/secrets/database-writer-url"


def test_secrets_are_made_once(deploy: Path) -> None:
    """What is there stays, and what an address holds is its password."""
    first = made(deploy)
    keys = {"tmdb-key", "omdb-key", "fanart-key"}
    passwords = {name: first[name] for name in first if "-url" not in name} | {"api-key": first["api-key"]}
    for name in passwords.keys() - keys - {"nats-passwords"}:
        assert re.fullmatch("[A-Za-z][A-Za-z0-9]{39}", passwords[name]), name
    assert len({*passwords.values()}) == len(passwords) - len(keys) + 1
    assert {first[key] for key in keys} == {""}
    for role, user in (("", "metarr"), ("writer-", "metarr_writer"), ("reader-", "metarr_reader")):
        password = first[f"database-{role}password"]
        assert first[f"database-{role}url"] == f"postgresql://{user}:{password}@postgres:5432/metarr"
    secrets = deploy / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o644}
    (secrets / "tmdb-key").write_text("mine", encoding="utf-8")
    assert made(deploy) == {**first, "tmdb-key": "mine"}


def test_each_user_of_the_bus_has_a_password(deploy: Path) -> None:
    """The server is given all of them, and each user the address with its own."""
    found = made(deploy)
    lines = found["nats-passwords"].splitlines()
    assert lines == [f"{password_variable(user.name)}={found[f'nats-{user.name}']}" for user in USERS]
    for user in USERS:
        address = parse_servers(found[f"nats-url-{user.name}"])
        assert (str(address), address.user, address.password) == (
            "nats://nats:4222",
            user.name,
            found[f"nats-{user.name}"],
        )


def test_a_secret_that_was_deleted_is_another_one_afterwards(deploy: Path) -> None:
    """With the address that holds it, and what the server is told; nothing else changes."""
    before = made(deploy)
    (deploy / "secrets" / "nats-gateway").unlink()
    (deploy / "secrets" / "database-reader-password").unlink()
    after = made(deploy)
    changed = {"nats-gateway", "nats-url-gateway", "nats-passwords", "database-reader-password", "database-reader-url"}
    assert {name for name in after if after[name] != before[name]} == changed


def test_secrets_of_an_earlier_version_stay(deploy: Path) -> None:
    """Its database has an owner whose password is kept; the others are added."""
    secrets = deploy / "secrets"
    secrets.mkdir()
    kept = {
        "database-password": "as it was",
        "database-url": "postgresql://metarr:as%20it%20was@postgres:5432/metarr",
        "tmdb-key": "mine",
    }
    for name, text in kept.items():
        (secrets / name).write_text(f"{text}\n", encoding="utf-8")
    assert kept.items() <= made(deploy).items()


def test_what_compose_names_is_made(deploy: Path) -> None:
    """Each secret and each configuration of the Compose files has its file."""
    found = made(deploy)
    for name in COMPOSE:
        loaded = compose(name)
        assert {*loaded.get("secrets", {})} <= {*found}
        for source in loaded.get("configs", {}).values():
            assert (deploy / source["file"]).exists()


def test_nats_takes_its_configuration(deploy: Path) -> None:
    """The command of its container, with the files where they are here; without the passwords it does not start."""
    made(deploy)
    entry = " ".join(compose("compose.yaml")["services"]["nats"]["entrypoint"][2:])
    configuration = deploy.parent / "nats" / "nats.conf"
    shutil.copy(deploy / "nats.conf", configuration)
    command = (
        entry.replace("/run/secrets", str(deploy / "secrets"))
        .replace("/etc/metarr/nats.conf", str(configuration))
        .replace("exec nats-server", f"exec {nats_server_program()} -t")
    )

    def checked(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["/bin/sh", "-c", text], check=False, capture_output=True, text=True, env={})  # noqa: S603

    assert checked(command).returncode == 0, checked(command).stderr
    assert checked(command.partition("&& ")[2].partition("&& ")[2]).returncode != 0
