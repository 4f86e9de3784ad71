"""What `metarr run` needs and what it tells each service."""

from dataclasses import replace
from pathlib import Path

import pytest

from metarr_local.plan import Addresses, clashes, ready_block, service_plans, wanted_ports, web_url
from metarr_local.settings import RunSettings

UI = Path("/checkout/public/frontend/dist")
ADDRESSES = Addresses(
    "nats://bus",
    "postgresql://db",
    "http://sandbox",
    {"enricher": 1001, "scheduler": 1002, "projector": 1003, "gateway": 1004},
    UI,
)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "TMDB_KEY",
        "OMDB_KEY",
        "FANART_KEY",
        "NATS_URL",
        "DATABASE_URL",
        "SANDBOX_URL",
        "UI_DIR",
        "API_KEY_FILE",
        "HEALTH_PORT",
    ):
        monkeypatch.delenv(f"METARR_{name}", raising=False)


def _environments(person: dict[str, str]) -> dict[str, dict[str, str]]:
    return {plan.name: dict(plan.environment) for plan in service_plans(RunSettings(), ADDRESSES, person)}


def test_a_demo_needs_all_four_ports() -> None:
    """Each port is named with what wants it and the setting that changes it."""
    assert [(want.port, want.setting) for want in wanted_ports(RunSettings())] == [
        (3000, "METARR_HTTP_PORT (or --port)"),
        (4222, "METARR_NATS_PORT"),
        (54329, "METARR_POSTGRES_PORT"),
        (3999, "METARR_SANDBOX_PORT"),
    ]


def test_health_ports_that_are_asked_for_have_to_be_free() -> None:
    """The one that is given is the enricher's, and the next are the scheduler's, the projector's and the gateway's."""
    settings = RunSettings(health_port=8081, health_host="::")
    assert [(want.port, want.host, want.wanted_by) for want in wanted_ports(settings)[-4:]] == [
        (8081, "::", "/metrics of the enricher"),
        (8082, "::", "/metrics of the scheduler"),
        (8083, "::", "/metrics of the projector"),
        (8084, "::", "/metrics of the gateway"),
    ]
    assert wanted_ports(RunSettings(health_port=0)) == wanted_ports(RunSettings())


def test_what_is_given_by_address_needs_no_port() -> None:
    """With keys and both addresses only the web server listens."""
    settings = RunSettings(tmdb_key="k", nats_url="nats://elsewhere", database_url="postgresql://elsewhere")
    assert [want.wanted_by for want in wanted_ports(settings)] == ["the web server"]


def test_two_of_ours_on_one_port_are_named() -> None:
    """A clash between our own settings is told before anything starts."""
    (sentence,) = clashes(wanted_ports(RunSettings(http_port=4222)))
    assert sentence.startswith("Port 4222 is wanted by the web server and by NATS.")


def test_only_the_projector_knows_the_database() -> None:
    """No other service gets the database's address, not even the one that the person set."""
    environments = _environments({"METARR_DATABASE_URL": "theirs", "METARR_DATABASE_URL_FILE": "theirs"})
    assert environments.pop("projector")["METARR_DATABASE_URL"] == "postgresql://db"
    assert all("METARR_DATABASE_URL" not in environment for environment in environments.values())
    assert all("METARR_DATABASE_URL_FILE" not in environment for environment in environments.values())


def test_the_projector_gets_the_writer_and_the_reader() -> None:
    """Given all three users, nobody gets the owner's address, and nobody else that of another."""
    addresses = replace(ADDRESSES, database_writer_url="postgresql://writer", database_reader_url="postgresql://reader")
    names = ("METARR_DATABASE_URL", "METARR_DATABASE_WRITER_URL", "METARR_DATABASE_READER_URL")
    person = {name + end: "theirs" for name in names for end in ("", "_FILE")}
    told = {
        plan.name: {name: value for name, value in plan.environment.items() if "DATABASE" in name}
        for plan in service_plans(RunSettings(), addresses, person)
    }
    projector = {"METARR_DATABASE_URL": "postgresql://writer", "METARR_DATABASE_READER_URL": "postgresql://reader"}
    assert told.pop("projector") == projector
    assert not any(told.values())


def test_only_the_gateway_knows_where_the_key_of_the_web_is() -> None:
    """It is told of the file that was decided on, and the ready block shows the path, not what is in it."""
    keyed = replace(ADDRESSES, api_key_file=Path("/data/secrets/api-key"))
    plans = service_plans(RunSettings(), keyed, {"METARR_API_KEY_FILE": "secrets/theirs"})
    told = {plan.name: plan.environment.get("METARR_API_KEY_FILE") for plan in plans}
    assert told.pop("gateway") == "/data/secrets/api-key"
    assert set(told.values()) == {None}
    assert "  Key:  /data/secrets/api-key (asked for when you sign in)" in ready_block(RunSettings(), keyed)
    assert "Key:" not in ready_block(RunSettings(), ADDRESSES)


def test_every_service_knows_bus_and_sandbox() -> None:
    """In a demo all services follow the sandbox and its clock; the person's own settings reach them too."""
    for environment in _environments({"METARR_LOG_LEVEL": "debug"}).values():
        assert environment["METARR_NATS_URL"] == "nats://bus"
        assert environment["METARR_SANDBOX_URL"] == "http://sandbox"
        assert environment["METARR_LOG_LEVEL"] == "debug"


def test_each_service_says_ready_on_a_port_of_its_own() -> None:
    """Whatever the person has set for all."""
    plans = service_plans(RunSettings(), ADDRESSES, {"METARR_HEALTH_PORT": "9"})
    assert [plan.ready_url for plan in plans] == [
        "http://127.0.0.1:1001/readyz",
        "http://127.0.0.1:1002/readyz",
        "http://127.0.0.1:1003/readyz",
        "http://127.0.0.1:1004/readyz",
    ]
    assert [plan.environment.get("METARR_HEALTH_PORT") for plan in plans] == ["1001", "1002", "1003", "1004"]


def test_a_service_is_asked_where_it_listens() -> None:
    """Health ports on another address than loopback are asked at that address."""
    plans = service_plans(RunSettings(health_host="nas.local"), ADDRESSES, {})
    assert [plan.ready_url for plan in plans] == [f"http://nas.local:{port}/readyz" for port in range(1001, 1005)]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104 - an example, nothing is bound
        ("::", "http://[::1]:80"),
        ("nas.local", "http://nas.local:80"),
    ],
)
def test_the_printed_address_can_be_opened(host: str, url: str) -> None:
    """An address to listen on is not always one to go to."""
    assert web_url(host, 80) == url


def test_demo_and_real_data_have_folders_of_their_own() -> None:
    """One key makes it real, and the two never meet."""
    assert RunSettings().folder.name == "demo"
    assert RunSettings(omdb_key="k").folder.name == "real"


def test_only_a_demo_is_announced_as_one() -> None:
    """The ready block says how to use keys of one's own only where there are none."""
    assert "Demo data" in ready_block(RunSettings(), ADDRESSES)
    assert "Demo data" not in ready_block(RunSettings(fanart_key="k"), ADDRESSES)


def test_what_can_be_scraped_is_told() -> None:
    """The ready block names /metrics of all four services."""
    lines = ready_block(RunSettings(), ADDRESSES).splitlines()
    at = lines.index("  /metrics, /readyz:")
    assert lines[at + 1 : at + 5] == [
        "    enricher  http://127.0.0.1:1001",
        "    scheduler http://127.0.0.1:1002",
        "    projector http://127.0.0.1:1003",
        "    gateway   http://127.0.0.1:1004",
    ]


def test_the_web_ui_is_the_gateways_alone() -> None:
    """No other service is told where it is built."""
    environments = _environments({"METARR_UI_DIR": "theirs", "METARR_UI_DIR_FILE": "theirs"})
    assert environments.pop("gateway")["METARR_UI_DIR"] == str(UI)
    assert all("METARR_UI_DIR" not in environment for environment in environments.values())


def test_without_a_built_web_ui_the_api_is_served_alone() -> None:
    """The gateway is told of no folder, and the ready block says in one line where the UI would be."""
    unbuilt = replace(ADDRESSES, ui_dir=None)
    *_, gateway = service_plans(RunSettings(), unbuilt, {"METARR_UI_DIR": "/nothing/there"})
    assert "METARR_UI_DIR" not in gateway.environment
    more = set(ready_block(RunSettings(), unbuilt).splitlines()) - set(
        ready_block(RunSettings(), ADDRESSES).splitlines()
    )
    assert more == {"  This is the API alone: the web UI is not built (`make run` does it)."}
