"""What the gateway is told by its environment."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import NoDecode

from metarr_chassis.settings import ServiceSettings
from metarr_gateway.client_address import Networks, read_networks
from metarr_gateway.hosts import is_loopback, parse_names
from metarr_gateway.key_file import read_key
from metarr_gateway.ui_files import PAGE

MEGABYTE = 1024 * 1024


def _names(given: object) -> object:
    return parse_names(given) if isinstance(given, str) else given


def _networks(given: object) -> object:
    return read_networks(given) if isinstance(given, str) else given


class GatewaySettings(ServiceSettings):
    """Settings of the gateway; each is the variable `METARR_<NAME>`."""

    http_host: str = Field(default="127.0.0.1", description="Address to listen on")
    http_port: int = Field(default=3000, ge=0, le=65535, description="Port of HTTP and WebSocket; 0 takes a free one")
    manual_refreshes_per_minute: int = Field(default=30, ge=1, description="Of all gateways together")
    bulk_starts_per_minute: int = Field(
        default=1, ge=1, description="Runs over the whole library started by hand, of all gateways together"
    )
    upload_limit_mb: int = Field(default=64, ge=1, description="Largest import file")
    picture_hosts: dict[str, str] | None = Field(
        default=None, description="JSON object: base address by host name; the only hosts that pictures come from"
    )
    picture_cache_dir: Path = Field(default=Path(".metarr/pictures"), description="Folder of cached pictures")
    picture_cache_mb: int = Field(default=512, ge=1, description="The oldest pictures make room")
    ui_dir: Path | None = Field(
        default=None, description="Folder of the built web UI; without it there is the API alone"
    )

    api_key_file: Path | None = Field(
        default=None,
        description="File with the key that is asked for, 20 to 200 characters; it may be replaced at any time."
        " Without one nobody is asked, which is refused where others reach METARR_HTTP_HOST",
    )
    allowed_hosts: Annotated[frozenset[str] | None, NoDecode, BeforeValidator(_names)] = Field(
        default=None,
        description="Names by which the server may be called, separated by commas; IP addresses and `localhost` always"
        " may. Not given: any with a key, this machine's own without one",
    )

    requests_per_second: float = Field(
        default=100,
        gt=0,
        allow_inf_nan=False,
        description="Of one client, in the long run; five times as many may come at once",
    )
    connections_per_client: int = Field(
        default=200, ge=1, description="Connections of one client at a time, WebSockets among them"
    )
    trusted_proxies: Annotated[Networks, NoDecode, BeforeValidator(_networks)] = Field(
        default=(),
        description="Networks or addresses of proxies, separated by commas: the client is who their X-Forwarded-For"
        " names, and their own connections are not limited",
    )

    @field_validator("ui_dir")
    @classmethod
    def _holds_the_page(cls, folder: Path | None) -> Path | None:
        if folder is not None and not (folder / PAGE).is_file():
            raise ValueError(f"expected a folder with {PAGE} in it")
        return folder

    @field_validator("api_key_file")
    @classmethod
    def _holds_a_key(cls, file: Path | None) -> Path | None:
        if file is not None:
            try:
                read_key(file)
            except OSError as error:
                raise ValueError(f"cannot be read: {error.strerror}") from error
        return file

    @model_validator(mode="after")
    def _key_where_others_reach_it(self) -> Self:
        if self.api_key_file is None and not is_loopback(self.http_host):
            raise ValueError(
                f"METARR_HTTP_HOST ({self.http_host}) can be reached from other machines: "
                "METARR_API_KEY_FILE has to name a file with the key that they are asked for"
            )
        return self
