"""What operators are told by the projector at work."""

import asyncpg
import pytest

from metarr_chassis.errors import RefusedError
from metarr_projector.operations import endpoints


class Broken:
    """A projection whose rebuild breaks off."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def rebuild(self) -> tuple[int, float]:
        """Raise it."""
        raise self._error


@pytest.mark.parametrize("error", [ConnectionResetError(), asyncpg.InterfaceError("closed"), asyncpg.DiskFullError()])
async def test_a_rebuild_without_the_database_is_refused(error: Exception) -> None:
    """As a question is: `Database error`, and no fault of ours."""
    (rebuild,) = endpoints(Broken(error))
    with pytest.raises(RefusedError) as refused:
        await rebuild.handle(b"")
    assert (refused.value.status, refused.value.refused.code) == (500, "database_error")
