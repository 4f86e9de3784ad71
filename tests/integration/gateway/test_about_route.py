"""`GET /api/about`: which Metarr this is."""

from importlib.metadata import version

import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_gateway.keys import SETTINGS
from metarr_gateway.settings import GatewaySettings
from metarr_local.embedded_nats import EmbeddedNats


async def test_a_real_library(gateway: Gateway) -> None:
    """The installed version; it is no demo."""
    about = {"version": version("metarr-gateway"), "demo": False}
    assert await gateway.get("/api/about") == (200, {"success": True, "data": about})


class TestDemo:
    """With the sandbox."""

    @pytest.fixture
    def settings(self, settings: GatewaySettings) -> GatewaySettings:
        """Providers are played."""
        return settings.model_copy(update={"sandbox_url": "http://127.0.0.1:9"})

    async def test_it_says_so(self, gateway: Gateway) -> None:
        """A demo is one that has a sandbox."""
        assert gateway.app[SETTINGS].sandbox_url
        status, body = await gateway.get("/api/about")
        assert (status, body["data"]["demo"]) == (200, True)


async def test_nothing_may_be_asked_for(gateway: Gateway) -> None:
    """Unknown parameters are refused as everywhere."""
    status, body = await gateway.get("/api/about?verbose=1")
    assert (status, body["code"], body["field"]) == (400, "invalid_request", "verbose")


async def test_the_bus_is_not_needed(gateway: Gateway, own_bus: EmbeddedNats) -> None:
    """A page can say what it is part of whatever else is away."""
    await own_bus.stop()
    assert (await gateway.get("/api/about"))[0] == 200
    await own_bus.start()
