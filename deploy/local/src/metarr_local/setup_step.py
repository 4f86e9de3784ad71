"""The setup step: streams, consumers and buckets on the bus, tables in the database."""

from pathlib import Path

import asyncpg
import nats.errors

from metarr_chassis.errors import ChassisError
from metarr_chassis.nats_servers import parse_servers
from metarr_chassis.topology import setup
from metarr_local.bus import connected
from metarr_local.errors import LocalError, reason
from metarr_projector.database_address import EXPECTED
from metarr_projector.errors import ProjectorError
from metarr_projector.schema import migrate


async def set_up(
    nats_url: str,
    database_url: str,
    writer_url: str | None = None,
    reader_url: str | None = None,
    *,
    demo: bool,
    replicas: int | None = None,
    ca_file: Path | None = None,
) -> None:
    """Bring bus and database to this version; raise LocalError with the reason when that is not possible."""
    try:
        await setup(nats_url, demo=demo, replicas=replicas, ca_file=ca_file)
    except TimeoutError:
        # Raises LocalError where it refuses us, or is not there.
        async with connected(nats_url, ca_file):
            pass
        raise LocalError(f"NATS is there ({parse_servers(nats_url)}), but JetStream has no leader.") from None
    except (ChassisError, nats.errors.Error, OSError) as error:
        raise LocalError(f"The bus could not be set up: {reason(error)}") from error
    try:
        await migrate(database_url, writer_url, reader_url)
    except (asyncpg.PostgresError, ProjectorError, OSError) as error:
        raise LocalError(f"The database could not be set up: {reason(error)}") from error
    except (ValueError, OverflowError):
        # What they say may be a piece of the password.
        raise LocalError(f"The database could not be set up: METARR_DATABASE_URL: {EXPECTED}") from None
