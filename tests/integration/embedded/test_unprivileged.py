"""As root: PostgreSQL runs as another user, who may not be able to enter our folders."""

import os
import shutil
from pathlib import Path

import asyncpg
import pytest

from metarr_local import unprivileged
from metarr_local.embedded_postgres import EmbeddedPostgres, postgres_installation
from metarr_local.errors import LocalError
from metarr_local.unprivileged import can_run, reachable_folder, reachable_programs, server_identity

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def refuge(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A substitute for /var/lib/metarr."""
    monkeypatch.setattr(unprivileged, "REFUGE", server_folder / "refuge")
    return server_folder / "refuge"


@pytest.fixture
def closed(server_folder: Path) -> Path:
    """A folder that only root can enter, like root's home."""
    folder = server_folder / "closed"
    folder.mkdir(mode=0o700)
    return folder


async def test_data_under_a_closed_folder_finds_another_place(closed: Path, refuge: Path) -> None:
    """The server starts all the same, and finds its data again when it is started again."""
    async with EmbeddedPostgres(closed / "postgres") as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        await connection.close()
    async with EmbeddedPostgres(closed / "postgres") as server:
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT number FROM kept") == 7
        await connection.close()
    assert "postgres-" in _names(refuge)


def test_programs_under_a_closed_folder_are_copied(closed: Path, refuge: Path) -> None:
    """The copy can be run by the server's user, libraries included, and is made once."""
    original = postgres_installation()
    for source in (original, original.parent.with_name(f"{original.parent.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, closed / source.relative_to(original.parents[1]), symlinks=True)
    installation = closed / original.relative_to(original.parents[1])
    identity = server_identity()
    assert identity
    copy = reachable_programs(identity, installation)
    assert copy.is_relative_to(refuge)
    assert can_run(identity, str(copy / "bin" / "initdb"), "--version")
    assert reachable_programs(identity, installation) == copy


def test_an_open_folder_is_used_as_it_is(server_folder: Path, refuge: Path) -> None:
    """Data stays where the person wants it whenever that is possible."""
    assert reachable_folder(server_identity(), server_folder) == server_folder
    assert not refuge.exists()


def test_a_substitute_of_somebody_else_is_refused(closed: Path, refuge: Path) -> None:
    """Nobody else gets to hold our data by being there first."""
    refuge.mkdir()
    os.chown(refuge, 65534, -1)
    with pytest.raises(LocalError, match="has to be a folder of root"):
        reachable_folder(server_identity(), closed)


def _names(folder: Path) -> list[str]:
    return [found.name[:9] for found in folder.iterdir()]
