"""What the projector is told."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from metarr_chassis.settings import ServiceSettings
from metarr_projector.database_address import require_address, tls_files


def usable_address(text: str) -> str:
    """The address of a database, whose files for TLS can be read.

    Raises:
        ValueError: it is none, or they cannot. The message holds no password.
    """
    for name, path in tls_files(require_address(text)).items():
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise ValueError(f"{name} in the address: {path} cannot be read: {error.strerror}") from None
    return text


def _secret_address(secret: SecretStr) -> SecretStr:
    usable_address(secret.get_secret_value())
    return secret


DatabaseAddress = Annotated[SecretStr, AfterValidator(_secret_address)]


class ProjectorSettings(ServiceSettings):
    """The projector alone knows the database."""

    database_url: DatabaseAddress = Field(
        repr=False,
        description="Address of the PostgreSQL database, with user (the writer, where there is one) and password",
    )
    database_reader_url: DatabaseAddress | None = Field(
        default=None,
        repr=False,
        description="Address for questions, with a user who may only read; not given: that of METARR_DATABASE_URL",
    )
