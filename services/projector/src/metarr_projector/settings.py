"""What the projector is told."""

from pydantic import Field, SecretStr

from metarr_chassis.settings import ServiceSettings


class ProjectorSettings(ServiceSettings):
    """The projector alone knows the database."""

    database_url: SecretStr = Field(description="Address of the PostgreSQL database, with user and password")
