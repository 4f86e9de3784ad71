"""The environment chooses the servers that tests stand on."""

import pytest
from tests.infrastructure.choice import (
    NATS_IMAGE,
    POSTGRES_IMAGE,
    Choice,
    ChoiceError,
    Container,
    Embedded,
    Given,
    choose,
)

CONTAINERS = {"METARR_TEST_INFRA": "containers"}
IMAGES = {"METARR_TEST_NATS_IMAGE": "own/nats", "METARR_TEST_POSTGRES_IMAGE": "own/postgres"}
URLS = {"METARR_TEST_NATS_URL": "nats://a", "METARR_TEST_DATABASE_URL": "postgresql://b/c"}


@pytest.mark.parametrize("environment", [{}, {"METARR_TEST_INFRA": "embedded"}, {"METARR_TEST_INFRA": ""}, IMAGES])
def test_embedded_is_the_default(environment: dict[str, str]) -> None:
    """Nothing need be installed or started; an empty variable says nothing."""
    assert choose(environment, 2) == Choice(Embedded(), Embedded())


def test_containers_of_official_images() -> None:
    """Each of one version, so that a run can be repeated."""
    assert choose(CONTAINERS, 2) == Choice(Container(NATS_IMAGE), Container(POSTGRES_IMAGE))
    assert all(image.partition(":")[2].count(".") >= 1 for image in (NATS_IMAGE, POSTGRES_IMAGE))


def test_containers_of_other_images() -> None:
    """Where no registry is reached, or to try another version."""
    assert choose(CONTAINERS | IMAGES, 2) == Choice(Container("own/nats"), Container("own/postgres"))


@pytest.mark.parametrize("environment", [URLS, CONTAINERS | URLS])
def test_given_servers(environment: dict[str, str]) -> None:
    """An address wins."""
    assert choose(environment, 0) == Choice(Given("nats://a"), Given("postgresql://b/c"))


def test_each_server_by_itself() -> None:
    """The one that no address is given of comes from where the others do."""
    nats, postgres = ({name: URLS[name]} for name in URLS)
    assert choose(nats, 1) == Choice(Given("nats://a"), Embedded())
    assert choose(CONTAINERS | postgres, 2) == Choice(Container(NATS_IMAGE), Given("postgresql://b/c"))


def test_unknown_is_an_error() -> None:
    """It names what would be right; a slip of the pen does not test on something else."""
    with pytest.raises(ChoiceError, match=r"^METARR_TEST_INFRA is 'docker', expected one of: embedded, containers$"):
        choose({"METARR_TEST_INFRA": "docker"}, 0)


def test_a_given_bus_serves_one_process() -> None:
    """Two would remove each other's streams; on one PostgreSQL each test has a database of its own."""
    with pytest.raises(ChoiceError, match="-n 0, not -n 2"):
        choose(URLS, 2)
    assert choose({"METARR_TEST_DATABASE_URL": "postgresql://b/c"}, 2).postgres == Given("postgresql://b/c")
