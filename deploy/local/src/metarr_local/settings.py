"""What `metarr run` and its sisters are told by the environment, all errors named at once."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from metarr_chassis.settings import ServiceSettings
from metarr_projector.database_address import require_login
from metarr_projector.settings import usable_address


def _number(given: object) -> object:
    """Variables are text, and a choice of numbers is not read from it."""
    return int(given) if isinstance(given, str) and given.isdecimal() else given


Replicas = Annotated[
    Literal[1, 3, 5] | None,
    BeforeValidator(_number),
    Field(
        description="Copies of each stream and bucket, on as many NATS servers; changes those that exist."
        " Not given: as it is, 1 at first"
    ),
]


def _login_address(text: str) -> str:
    return require_login(usable_address(text))


DatabaseAddress = Annotated[str, AfterValidator(usable_address)]
LoginAddress = Annotated[str, AfterValidator(_login_address)]
WriterAddress = Annotated[
    LoginAddress | None,
    Field(
        repr=False,
        description="The same with the user that projects, who is made or given its rights; not given: the owner does",
    ),
]
ReaderAddress = Annotated[
    LoginAddress | None,
    Field(
        repr=False,
        description="The same with the user that answers questions and may only read; not given: who projects does",
    ),
]


class DataSettings(ServiceSettings):
    """Where `metarr run` keeps everything, its secrets too."""

    data_dir: Path = Field(default=Path("data"), description="Where everything is stored")


class ClientSettings(DataSettings):
    """Where a command finds the bus; without METARR_NATS_URL it is the embedded server's port."""

    nats_port: int = Field(default=4222, ge=1, le=65535, description="Port of the embedded NATS server")

    @property
    def bus_is_given(self) -> bool:
        """Somebody else runs the NATS server."""
        return "nats_url" in self.model_fields_set


class SetupSettings(ClientSettings):
    """`metarr setup`: a bus and a database that somebody else runs. Like a service it needs no key to know a demo."""

    database_url: DatabaseAddress = Field(
        repr=False, description="Address of the PostgreSQL database, with the user who owns it"
    )
    database_writer_url: WriterAddress = None
    database_reader_url: ReaderAddress = None
    replicas: Replicas = None

    @property
    def demo(self) -> bool:
        """The providers are played by a sandbox."""
        return self.sandbox_url is not None


class WebSettings(DataSettings):
    """Where the web server listens and what key it asks for, and so how `metarr import` finds it."""

    http_host: str = Field(default="127.0.0.1", description="Address that the web server listens on")
    http_port: int = Field(default=3000, ge=1, le=65535, description="Port of the web server")
    api_key_file: Path | None = Field(
        default=None,
        description="File with the key of the web server, if not `secrets/api-key` of the data folder; that one is made"
        " where others reach METARR_HTTP_HOST",
    )


class RunSettings(ClientSettings, WebSettings):
    """`metarr run`: everything on this machine, except what is given by address."""

    tmdb_key: str | None = Field(
        default=None, repr=False, description="TMDB API key or read access token; without any key it is a demo"
    )
    omdb_key: str | None = Field(default=None, repr=False, description="OMDb API key; without any key it is a demo")
    fanart_key: str | None = Field(default=None, repr=False, description="fanart.tv key; without any key it is a demo")
    health_port: int | None = Field(
        default=None,
        ge=0,
        le=65532,
        description="First of four ports of /healthz, /readyz and /metrics: enricher, scheduler, projector, gateway;"
        " not given: free ones, told when all is ready",
    )
    postgres_port: int = Field(default=54329, ge=1, le=65535, description="Port of the embedded PostgreSQL server")
    sandbox_port: int = Field(default=3999, ge=1, le=65535, description="Port of the provider sandbox of a demo")
    database_url: DatabaseAddress | None = Field(
        default=None, repr=False, description="Address of a PostgreSQL database, with the user who owns it"
    )
    database_writer_url: WriterAddress = None
    database_reader_url: ReaderAddress = None
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


class BackupSettings(RunSettings):
    """`metarr backup` and `metarr restore`: the bus of `metarr run`, or, where one is given, that of `metarr setup`."""

    replicas: Replicas = None

    @property
    def demo(self) -> bool:
        """The providers are played by a sandbox."""
        return self.sandbox_url is not None if self.bus_is_given else super().demo
