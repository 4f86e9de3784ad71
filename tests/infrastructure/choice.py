"""Which servers the tests stand on; pure.

METARR_TEST_INFRA is `embedded` (the programs in the wheels, the default) or `containers`, of the images that
METARR_TEST_NATS_IMAGE and METARR_TEST_POSTGRES_IMAGE name. METARR_TEST_NATS_URL and METARR_TEST_DATABASE_URL each name
a server that is there already, and win over METARR_TEST_INFRA for that server. An empty variable is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

NATS_IMAGE = "nats:2.15.1-alpine"
POSTGRES_IMAGE = "postgres:17.6-bookworm"
INFRASTRUCTURES = ("embedded", "containers")


class ChoiceError(Exception):
    """The environment asks for what cannot be; the text is meant for the person at the terminal."""


@dataclass(frozen=True)
class Embedded:
    """The program in the wheel."""


@dataclass(frozen=True)
class Container:
    """A container of this image."""

    image: str


@dataclass(frozen=True)
class Given:
    """A server that somebody else has started; the address holds user and password."""

    url: str


Server: TypeAlias = Embedded | Container | Given


@dataclass(frozen=True)
class Choice:
    """Where NATS and PostgreSQL come from."""

    nats: Server
    postgres: Server


def choose(environment: Mapping[str, str], workers: int) -> Choice:
    """Read the choice for this many processes that test at the same time (pytest's `-n`; 0 and 1 are the same).

    Raises:
        ChoiceError: METARR_TEST_INFRA is unknown, or several processes would share a NATS that each of them empties.
    """
    infrastructure = environment.get("METARR_TEST_INFRA") or "embedded"
    if infrastructure not in INFRASTRUCTURES:
        raise ChoiceError(f"METARR_TEST_INFRA is {infrastructure!r}, expected one of: {', '.join(INFRASTRUCTURES)}")
    containers = infrastructure == "containers"

    def server(url: str, image: str, default_image: str) -> Server:
        if given := environment.get(url):
            return Given(given)
        return Container(environment.get(image) or default_image) if containers else Embedded()

    choice = Choice(
        nats=server("METARR_TEST_NATS_URL", "METARR_TEST_NATS_IMAGE", NATS_IMAGE),
        postgres=server("METARR_TEST_DATABASE_URL", "METARR_TEST_POSTGRES_IMAGE", POSTGRES_IMAGE),
    )
    if isinstance(choice.nats, Given) and workers > 1:
        raise ChoiceError(
            f"METARR_TEST_NATS_URL names one server, and every test removes all streams of it: -n 0, not -n {workers}"
        )
    return choice
