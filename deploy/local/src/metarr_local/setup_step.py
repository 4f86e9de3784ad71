"""The setup step: streams, consumers and buckets on the bus, tables in the database."""

import asyncpg
import nats.errors

from metarr_chassis.errors import ChassisError
from metarr_chassis.topology import setup
from metarr_local.errors import LocalError, reason
from metarr_projector.schema import migrate


async def set_up(nats_url: str, database_url: str, *, demo: bool) -> None:
    """Bring bus and database to this version; raise LocalError with the reason when that is not possible."""
    try:
        await setup(nats_url, demo=demo)
    except TimeoutError:
        raise LocalError(f"No NATS server answers at {nats_url}.") from None
    except (ChassisError, nats.errors.Error, OSError) as error:
        raise LocalError(f"The bus could not be set up: {reason(error)}") from error
    try:
        await migrate(database_url)
    except (asyncpg.PostgresError, OSError) as error:
        raise LocalError(f"The database could not be set up: {reason(error)}") from error
