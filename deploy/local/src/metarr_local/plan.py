"""Pure: which ports `metarr run` needs, and what each service is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from metarr_local.settings import RunSettings

HEALTH_SERVED = ("enricher", "scheduler", "projector")
"""Services with a port for /readyz alone; the gateway serves it on its own port."""

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
    """What the services need to find; `health_ports` by service name, `ui_dir` None where the web UI is not built."""

    nats_url: str
    database_url: str
    sandbox_url: str | None
    health_ports: Mapping[str, int]
    ui_dir: Path | None


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
    return tuple(ports)


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
    ours = ("METARR_DATABASE_URL", "METARR_DATABASE_URL_FILE", "METARR_HEALTH_PORT")
    common = _without(environment, *ours, "METARR_UI_DIR", "METARR_UI_DIR_FILE")
    common |= {"METARR_NATS_URL": addresses.nats_url, "PYTHONUNBUFFERED": "1"}
    if addresses.sandbox_url:
        common["METARR_SANDBOX_URL"] = addresses.sandbox_url
    gateway = {
        "METARR_HTTP_HOST": settings.http_host,
        "METARR_HTTP_PORT": str(settings.http_port),
        "METARR_PICTURE_CACHE_DIR": str(settings.folder / "pictures"),
    }
    if addresses.ui_dir:
        gateway["METARR_UI_DIR"] = str(addresses.ui_dir)
    ready_url = f"{web_url(settings.http_host, settings.http_port)}/readyz"
    special = {"projector": {"METARR_DATABASE_URL": addresses.database_url}}
    return (
        ServicePlan("gateway", "metarr_gateway", common | gateway, ready_url),
        *(
            ServicePlan(
                name,
                f"metarr_{name}",
                common | {"METARR_HEALTH_PORT": str(addresses.health_ports[name])} | special.get(name, {}),
                f"http://127.0.0.1:{addresses.health_ports[name]}/readyz",
            )
            for name in HEALTH_SERVED
        ),
    )


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
            f"  Bus:  {addresses.nats_url}",
            "  Ctrl-C ends it.",
            "",
        )
    )


def _without(environment: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}
