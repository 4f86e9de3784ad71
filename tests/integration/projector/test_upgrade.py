"""An upgrade to a version with other read models, while the projector of the version before is at work."""

from uuid import uuid4

import pytest
from tests.integration.projector.scenes import Asker, Rows, Stream, projector_here, projector_process

from metarr_contracts.readmodels import LibraryStats
from metarr_projector import schema


async def test_the_old_projector_gives_way(
    nats_url: str, tables: str, rows: Rows, ask: Asker, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After setup it writes nothing into tables that are not its own; the new one fills them while it still runs."""
    async with projector_process(nats_url, tables):
        last = await stream.tell_history(100)
        await rows.reach(last)
        before = await rows.dump()
        monkeypatch.setattr(schema, "VERSION", f"newer-{uuid4().hex}")
        await schema.migrate(tables)
        last = await stream.tell_history(100)
        await rows.until_nobody_projects()
        assert await rows.seq() == 0
        async with projector_here(nats_url, tables) as newer:
            await rows.reach(last)
            await newer.until(ready=True)
            assert (await ask("library.stats", LibraryStats)).total > 0
    assert len(await rows.dump()) > len(before)
