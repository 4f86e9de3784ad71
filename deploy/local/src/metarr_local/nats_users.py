"""Who we are on the bus: where somebody else runs it as its address says, else a user whose password is a secret."""

from pathlib import Path

from metarr_contracts.permissions import USERS, UserName
from metarr_local.embedded_nats import embedded_url
from metarr_local.errors import NoDataError
from metarr_local.secret_files import read_secret, secret_file
from metarr_local.settings import ClientSettings


def nats_passwords(data_dir: Path) -> dict[UserName, str]:
    """The passwords of all users of the embedded server; those that are not there yet are made."""
    return {user.name: read_secret(data_dir, _secret(user.name)) for user in USERS}


def _secret(user: UserName) -> str:
    return f"nats-{user}"


def bus_url(settings: ClientSettings, user: UserName) -> str:
    """The address of the bus, password included; the user counts where it is the embedded one.

    Raises NoDataError where nobody made its passwords: new ones would be those of no server.
    """
    if settings.bus_is_given:
        return settings.nats_url
    if not secret_file(settings.data_dir, _secret(user)).exists():
        raise NoDataError(settings.data_dir.absolute())
    return embedded_url(settings.nats_port, user, nats_passwords(settings.data_dir))
