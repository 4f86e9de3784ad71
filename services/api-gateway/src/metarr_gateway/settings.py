"""What the gateway is told by its environment."""

from pathlib import Path

from pydantic import Field, field_validator

from metarr_chassis.settings import ServiceSettings
from metarr_gateway.ui_files import PAGE

MEGABYTE = 1024 * 1024


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

    @field_validator("ui_dir")
    @classmethod
    def _holds_the_page(cls, folder: Path | None) -> Path | None:
        if folder is not None and not (folder / PAGE).is_file():
            raise ValueError(f"expected a folder with {PAGE} in it")
        return folder
