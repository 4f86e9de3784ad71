"""The real NATS server with what an overlay's ConfigMaps and Secrets give to it."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.kubernetes.manifests import Manifests, containers, variables
from tests.kubernetes.nats_servers import PATIENCE, Authority, Pod, calling, has_tls, login, secret

from metarr_chassis.nats_servers import parse_servers
from metarr_contracts.permissions import USERS
from metarr_local.embedded_nats import nats_server_program

SIZE = 3
GATEWAY = ("gateway", secret(("metarr-nats-gateway", "password")))


@pytest.fixture
def authority() -> Authority:
    """Of the installation."""
    return Authority()


@asynccontextmanager
async def _running(pods: list[Pod]) -> AsyncIterator[None]:
    """Start those that do not run yet; end all."""
    try:
        await asyncio.gather(*(pod.start(pods) for pod in pods))
        yield
    finally:
        await asyncio.gather(*(pod.stop() for pod in pods))


def _pod(manifests: Manifests, folder: Path, authority: Authority, number: int = 0) -> Pod:
    pod = Pod(manifests, folder, number)
    if has_tls(manifests):
        authority.write(pod.settings.parent, manifests)
    return pod


async def _joined(pods: list[Pod]) -> None:
    """Wait until each of the pods is connected to all others, and JetStream has a leader."""
    async with asyncio.timeout(PATIENCE):
        for pod in pods:
            while len({each["remote_name"] for each in (await pod.asked("routez")).get("routes", [])}) != len(pods) - 1:
                await asyncio.sleep(0.05)
            while not (await pod.asked("jsz")).get("meta_cluster", {}).get("leader"):
                await asyncio.sleep(0.05)


def test_nats_takes_its_configuration(manifests: Manifests, authority: Authority, tmp_path: Path) -> None:
    """The server that it is written for reads it without a complaint, and with each password in its environment."""
    pod = _pod(manifests, tmp_path, authority)
    pod.write()
    environment = pod.environment({})

    def checked(given: dict[str, str]) -> int:
        command = [str(nats_server_program()), "-t", "--config", str(pod.settings)]
        return subprocess.run(command, check=False, env=given, capture_output=True).returncode  # noqa: S603 - of our wheel

    assert checked(environment) == 0
    for user in USERS:
        name = f"METARR_NATS_PASSWORD_{user.name.upper()}"
        assert checked({key: value for key, value in environment.items() if key != name}) != 0, name


async def test_each_component_is_let_in_as_itself(manifests: Manifests, authority: Authority, tmp_path: Path) -> None:
    """With the user and the password of its address, and without a right to what only setup may do."""
    pod = _pod(manifests, tmp_path, authority)
    trusted = authority.context() if has_tls(manifests) else None
    async with _running([pod]):
        for workload in (*manifests.services(), manifests.one("Job", "metarr-setup")):
            address = parse_servers(variables(containers(workload)[0], secret)["METARR_NATS_URL"])
            assert (address.user, address.password) != (None, None)
            async with calling(pod.port, trusted) as caller:
                said = await caller.says(
                    login(str(address.user), str(address.password)), "PUB $JS.API.STREAM.PURGE.METARR_EVENTS 0", ""
                )
            assert said.endswith("PONG\r\n")
            assert ("Permissions Violation" in said) == (address.user != "setup")
        for user in ("gateway", "nobody", "routes"):
            async with calling(pod.port, trusted) as caller:
                assert "Authorization Violation" in await caller.says(login(user, "wrong"))


async def test_nobody_gets_in_without_encryption(production: Manifests, authority: Authority, tmp_path: Path) -> None:
    """A client that says its password in the clear is refused, and one refuses a server of another authority."""
    pod = _pod(production, tmp_path, authority)
    async with _running([pod]):
        async with calling(pod.port, None) as caller:
            assert "PONG" not in await caller.says(login(*GATEWAY))
        with pytest.raises(ssl.SSLCertVerificationError):
            async with calling(pod.port, Authority().context()):
                pass


async def test_servers_are_one_cluster_and_take_no_stranger(
    production: Manifests, authority: Authority, tmp_path: Path
) -> None:
    """The routes have a certificate and a password; a server that lacks either does not come in."""
    first, second, third = pods = [_pod(production, tmp_path, authority, number) for number in range(SIZE)]
    async with _running([first, second]):
        try:
            await third.start(pods, NATS_ROUTES_PASSWORD="Wrong", **_wrong(third, pods))
            await _refused(third, pods)
            await third.stop()

            Authority().write(third.settings.parent, production)
            await third.start(pods)
            await _refused(third, pods)
            await third.stop()

            authority.write(third.settings.parent, production)
            await third.start(pods)
            await _joined(pods)
            # Clients know all servers by name; addresses would not fit the certificate.
            async with calling(first.port, authority.context()) as caller:
                assert "connect_urls" not in await caller.says(login(*GATEWAY))
        finally:
            await third.stop()


async def test_a_renewed_certificate_is_taken(production: Manifests, authority: Authority, tmp_path: Path) -> None:
    """The pod's command has the server read its files again, which keeps its connections."""
    pod = _pod(production, tmp_path, authority)
    command = [word.replace("sleep 21600", "sleep 0.1") for word in pod.command()]
    assert command != pod.command()
    try:
        await pod.start([pod], *command)
        async with calling(pod.port, authority.context()) as before:
            await before.says(login(*GATEWAY))
            another = Authority()
            another.write(pod.settings.parent, production)
            async with asyncio.timeout(PATIENCE):
                while not await _trusted(pod, another):
                    await asyncio.sleep(0.05)
            # The server may have asked for a sign of life, too.
            assert (await before.says()).endswith("PONG\r\n")
    finally:
        await pod.stop()


async def _trusted(pod: Pod, authority: Authority) -> bool:
    try:
        async with calling(pod.port, authority.context()):
            return True
    except ssl.SSLCertVerificationError:
        return False


async def _refused(stranger: Pod, pods: list[Pod]) -> None:
    """Wait until it has tried and been refused; then nobody has accepted a route between it and the others.

    The server that opens a route lists it before the other one has looked at its password, so only the routes that a
    server accepted are of those that were let in.
    """
    log = stranger.folder.with_suffix(".log")
    async with asyncio.timeout(PATIENCE):
        while not any(said in log.read_text(encoding="utf-8") for said in ("Authorization Violation", "TLS route")):
            await asyncio.sleep(0.05)
    for pod in pods:
        accepted = [route for route in (await pod.asked("routez")).get("routes", []) if not route["did_solicit"]]
        between = accepted if pod is stranger else [one for one in accepted if one["remote_name"] == stranger.name]
        assert between == [], pod.name


def _wrong(pod: Pod, pods: list[Pod]) -> dict[str, str]:
    """The routes with a wrong password."""
    given = pod.environment({each.name: each.route_port for each in pods})
    right = secret(("metarr-nats-routes", "password"))
    return {name: value.replace(right, "Wrong") for name, value in given.items() if name.startswith("NATS_ROUTE_")}
