"""NATS and PostgreSQL in containers that live as long as their context.

They are removed by that context and by nobody else: Ryuk, a container of testcontainers' that does so after a kill,
would be one more image to pull. What a killed run leaves behind has the label `org.testcontainers`.
"""

import contextlib
import re
import secrets
from collections.abc import Iterator

from docker.errors import DockerException
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

NATS_PORT = 4222
NATS_SETTINGS = "/metarr-test.conf"
NATS_CONFIGURATION = """\
max_payload: 8MB
jetstream { store_dir: "/jetstream" }
"""
NATS_READY = re.compile("Server is ready")

POSTGRES_PORT = 5432
# The image's first server sets up the database and listens on no port; it says that it is ready as well.
POSTGRES_READY = re.compile("listening on IPv4 address.*ready to accept connections", re.DOTALL)

POLL_SECONDS = 0.1


class ContainersError(Exception):
    """Containers were asked for and cannot be had; the text is meant for the person at the terminal."""


@contextlib.contextmanager
def nats_container(image: str) -> Iterator[str]:
    """A NATS server with JetStream and messages of up to 8 MB, as the embedded one; its address.

    Raises:
        ContainersError: no engine answers, there is no such image, or the server did not start.
    """
    with _engine():
        container = DockerContainer(image)
    container.with_command(["--config", NATS_SETTINGS])
    # Copied, not mounted: the engine may be on another machine.
    container.with_copy_into_container(NATS_CONFIGURATION.encode(), NATS_SETTINGS)
    container.with_tmpfs_mount("/jetstream")
    with _running(container, NATS_PORT, NATS_READY) as address:
        yield f"nats://{address}"


@contextlib.contextmanager
def postgres_container(image: str) -> Iterator[str]:
    """A PostgreSQL server; the address of a database of it. Raises as `nats_container`."""
    password = secrets.token_urlsafe(24)
    with _engine():
        container = DockerContainer(image)
    container.with_env("POSTGRES_PASSWORD", password)
    with _running(container, POSTGRES_PORT, POSTGRES_READY) as address:
        yield f"postgresql://postgres:{password}@{address}/postgres"


@contextlib.contextmanager
def _running(container: DockerContainer, port: int, ready: re.Pattern[str]) -> Iterator[str]:
    """Run the container from when its log says that it is ready; host and port of the server in it."""
    testcontainers_config.ryuk_disabled = True
    container.with_exposed_ports(port).waiting_for(LogMessageWaitStrategy(ready).with_poll_interval(POLL_SECONDS))
    with contextlib.ExitStack() as stack:
        with _engine():
            stack.enter_context(container)
            host, published = container.get_container_host_ip(), container.get_exposed_port(port)
        # `localhost` may be ::1 first, where an engine may have published another container at the same port.
        yield f"{'127.0.0.1' if host == 'localhost' else host}:{published}"


@contextlib.contextmanager
def _engine() -> Iterator[None]:
    """Say in one sentence why there is no container."""
    try:
        yield
    except (DockerException, RuntimeError, TimeoutError) as error:
        raise ContainersError(f"METARR_TEST_INFRA=containers, but no container could be started: {error}") from error
