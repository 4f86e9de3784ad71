"""Pure: which ports `metarr run` needs, and what each service is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from shlex import quote

from metarr_chassis.nats_servers import parse_servers
from metarr_local.settings import RunSettings

HEALTH_SERVED = ("enricher", "scheduler", "projector", "gateway")
"""All services, in the order of their health ports: there nobody is asked for a key."""

LOOPBACKS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to call, not what to bind


@dataclass(frozen=True)
class WantedPort:
    """A port that one of our processes will listen on."""

    port: int
    host: str
    wanted_by: str
    setting: str


@dataclass(frozen=True)
class ServicePlan:
    """A service as a process: its module, all of its environment, where it says that it is ready."""

    name: str
    module: str
    environment: Mapping[str, str]
    ready_url: str


@dataclass(frozen=True)
class Addresses:
    """What the services need to find; `health_ports` by service name, `ui_dir` None where the web UI is not built.

    `service_nats_urls` are those of services that are users of their own; the others use `nats_url`, as we do.
    """

    nats_url: str
    database_url: str
    sandbox_url: str | None
    health_ports: Mapping[str, int]
    ui_dir: Path | None
    database_writer_url: str | None = None
    database_reader_url: str | None = None
    api_key_file: Path | None = None
    service_nats_urls: Mapping[str, str] = field(default_factory=dict)


def wanted_ports(settings: RunSettings) -> tuple[WantedPort, ...]:
    """The ports that have to be free before anything starts."""
    local = "127.0.0.1"
    ports = [WantedPort(settings.http_port, settings.http_host, "the web server", "METARR_HTTP_PORT (or --port)")]
    if not settings.bus_is_given:
        ports.append(WantedPort(settings.nats_port, local, "NATS", "METARR_NATS_PORT"))
    if settings.database_url is None:
        ports.append(WantedPort(settings.postgres_port, local, "PostgreSQL", "METARR_POSTGRES_PORT"))
    if settings.demo:
        ports.append(WantedPort(settings.sandbox_port, local, "the provider sandbox", "METARR_SANDBOX_PORT"))
    ports += [
        WantedPort(port, settings.health_host, f"/metrics of the {name}", "METARR_HEALTH_PORT")
        for name, port in asked_health_ports(settings).items()
    ]
    return tuple(ports)


def asked_health_ports(settings: RunSettings) -> dict[str, int]:
    """The port of each service that has one, as far as they were asked for: one after the other from the first."""
    first = settings.health_port
    return {name: first + index for index, name in enumerate(HEALTH_SERVED)} if first else {}


def clashes(ports: Iterable[WantedPort]) -> tuple[str, ...]:
    """One sentence for each pair of ours that wants the same port."""
    return tuple(
        f"Port {one.port} is wanted by {one.wanted_by} and by {two.wanted_by}. "
        f"Choose another with {one.setting} or {two.setting}."
        for one, two in combinations(ports, 2)
        if one.port == two.port
    )


def web_url(host: str, port: int) -> str:
    """The address at which this machine reaches a server that listens there."""
    name = LOOPBACKS.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def service_plans(
    settings: RunSettings, addresses: Addresses, environment: Mapping[str, str]
) -> tuple[ServicePlan, ...]:
    """The four services; each gets the person's environment, and of ours what it needs and no more."""
    databases = ("METARR_DATABASE_URL", "METARR_DATABASE_WRITER_URL", "METARR_DATABASE_READER_URL")
    ours = (*databases, *(f"{name}_FILE" for name in databases), "METARR_HEALTH_PORT", "METARR_API_KEY_FILE")
    common = _without(environment, *ours, "METARR_UI_DIR", "METARR_UI_DIR_FILE")
    common["PYTHONUNBUFFERED"] = "1"
    if addresses.sandbox_url:
        common["METARR_SANDBOX_URL"] = addresses.sandbox_url
    gateway = {
        "METARR_HTTP_HOST": settings.http_host,
        "METARR_HTTP_PORT": str(settings.http_port),
        "METARR_PICTURE_CACHE_DIR": str(settings.folder / "pictures"),
    }
    if addresses.ui_dir:
        gateway["METARR_UI_DIR"] = str(addresses.ui_dir)
    if addresses.api_key_file:
        gateway["METARR_API_KEY_FILE"] = str(addresses.api_key_file)
    projector = {"METARR_DATABASE_URL": addresses.database_writer_url or addresses.database_url}
    if addresses.database_reader_url:
        projector["METARR_DATABASE_READER_URL"] = addresses.database_reader_url
    special = {"projector": projector, "gateway": gateway}
    return tuple(
        ServicePlan(
            name,
            f"metarr_{name}",
            common | _own(name, addresses) | special.get(name, {}),
            f"{web_url(settings.health_host, port)}/readyz",
        )
        for name, port in addresses.health_ports.items()
    )


def _own(name: str, addresses: Addresses) -> dict[str, str]:
    return {
        "METARR_NATS_URL": addresses.service_nats_urls.get(name, addresses.nats_url),
        "METARR_HEALTH_PORT": str(addresses.health_ports[name]),
    }


def ready_block(settings: RunSettings, addresses: Addresses) -> str:
    """What a person reads when everything works."""
    demo = (
        "  Demo data: the providers are played by a sandbox on this machine; no request leaves it.",
        "  For a library of your own give at least one key and run it again:",
        "    METARR_TMDB_KEY=… METARR_OMDB_KEY=… METARR_FANART_KEY=…",
    )
    return "\n".join(
        (
            "",
            f"Metarr is ready: {web_url(settings.http_host, settings.http_port)}",
            *(() if addresses.ui_dir else ("  This is the API alone: the web UI is not built (`make run` does it).",)),
            *(demo if settings.demo else ()),
            f"  Data: {settings.folder}",
            *((f"  Key:  {addresses.api_key_file} (asked for when you sign in)",) if addresses.api_key_file else ()),
            f"  Bus:  {parse_servers(addresses.nats_url)}",
            *(() if settings.bus_is_given else (f"    for the nats client: {nats_client_line(settings)}",)),
            "  /metrics, /readyz:",
            *(f"    {name:9} {web_url(settings.health_host, port)}" for name, port in addresses.health_ports.items()),
            "  Ctrl-C ends it.",
            "",
        )
    )


def nats_client_line(settings: RunSettings) -> str:
    """What a person types for the `nats` client; with the variables of ours that another shell may not have."""
    ours = {"METARR_DATA_DIR": settings.data_dir, "METARR_NATS_PORT": settings.nats_port}
    defaults = {"METARR_DATA_DIR": Path("data"), "METARR_NATS_PORT": 4222}
    needed = "".join(f"{name}={quote(str(value))} " for name, value in ours.items() if value != defaults[name])
    return f"export NATS_URL=$({needed}metarr nats-url)"


def _without(environment: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}
