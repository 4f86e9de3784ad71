"""Wires the projector: a pool for queries, the projection, and the questions it answers on the bus."""

import contextlib
from collections.abc import AsyncIterator

from metarr_chassis.background import running
from metarr_chassis.micro import serve
from metarr_chassis.service import Context
from metarr_projector.database import open_database
from metarr_projector.position import Position
from metarr_projector.projection import Projection
from metarr_projector.queries import Queries
from metarr_projector.reader import projected_seq
from metarr_projector.settings import ProjectorSettings
from metarr_projector.watch import watch


@contextlib.asynccontextmanager
async def start(context: Context[ProjectorSettings]) -> AsyncIterator[None]:
    """Project and answer while the context is open."""
    writer_url = context.settings.database_url.get_secret_value()
    reader_url = (context.settings.database_reader_url or context.settings.database_url).get_secret_value()
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(reader_url))
        position = Position(lambda: projected_seq(database))
        stack.push_async_callback(position.close)
        queries = Queries(database, position, context.bus, context.clock)
        await stack.enter_async_context(
            serve(context.bus, "projector", "Answers questions about the library", queries.endpoints())
        )
        projection = Projection(context.bus, writer_url, position, context.readiness)
        await stack.enter_async_context(running(watch(context.bus, database, position, context.clock)))
        await stack.enter_async_context(running(projection.run()))
        yield
