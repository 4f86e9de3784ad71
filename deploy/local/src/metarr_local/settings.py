"""What `metarr run` and its sisters are told by the environment, all errors named at once."""

from pathlib import Path

from pydantic import Field

from metarr_chassis.settings import ServiceSettings


class ClientSettings(ServiceSettings):
    """Where a command finds the bus; without METARR_NATS_URL it is the embedded server's port."""

    nats_port: int = Field(default=4222, ge=1, le=65535, description="Port of the embedded NATS server")

    @property
    def bus_url(self) -> str:
        """Address of the bus."""
        return self.nats_url if self.bus_is_given else f"nats://127.0.0.1:{self.nats_port}"

    @property
    def bus_is_given(self) -> bool:
        """Somebody else runs the NATS server."""
        return "nats_url" in self.model_fields_set


class SetupSettings(ClientSettings):
    """`metarr setup`: a bus and a database that somebody else runs. Like a service it needs no key to know a demo."""

    database_url: str = Field(repr=False, description="Address of the PostgreSQL database")

    @property
    def demo(self) -> bool:
        """The providers are played by a sandbox."""
        return self.sandbox_url is not None


class WebSettings(ServiceSettings):
    """Where the web server listens, and so where `metarr import` finds it."""

    http_host: str = Field(default="127.0.0.1", description="Address that the web server listens on")
    http_port: int = Field(default=3000, ge=1, le=65535, description="Port of the web server")


class RunSettings(ClientSettings, WebSettings):
    """`metarr run`: everything on this machine, except what is given by address."""

    tmdb_key: str | None = Field(
        default=None, repr=False, description="TMDB API key or read access token; without any key it is a demo"
    )
    omdb_key: str | None = Field(default=None, repr=False, description="OMDb API key; without any key it is a demo")
    fanart_key: str | None = Field(default=None, repr=False, description="fanart.tv key; without any key it is a demo")
    data_dir: Path = Field(default=Path("data"), description="Where everything is stored")
    postgres_port: int = Field(default=54329, ge=1, le=65535, description="Port of the embedded PostgreSQL server")
    sandbox_port: int = Field(default=3999, ge=1, le=65535, description="Port of the provider sandbox of a demo")
    database_url: str | None = Field(default=None, repr=False, description="Address of a PostgreSQL database")
    ui_dir: Path | None = Field(
        default=None, description="Folder of the built web UI, if not `public/frontend/dist` of the checkout"
    )

    @property
    def demo(self) -> bool:
        """Nobody gave a key."""
        return not (self.tmdb_key or self.omdb_key or self.fanart_key)

    @property
    def folder(self) -> Path:
        """The part of the data folder for this kind of data, so that demo and real data never meet."""
        return self.data_dir.absolute() / ("demo" if self.demo else "real")
