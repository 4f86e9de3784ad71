"""The setup step says in a sentence what is wrong with an address."""

import pytest

from metarr_local.errors import LocalError
from metarr_local.setup_step import set_up


@pytest.mark.parametrize("address", ["bad", "postgresql://me:se#cret@host/db", "postgresql://127.0.0.1:99999/db"])
async def test_an_address_that_is_none(nats_url: str, address: str) -> None:
    """It is named as the database's, and nothing of a password is shown."""
    with pytest.raises(LocalError) as error:
        await set_up(nats_url, address, demo=False)
    assert str(error.value).startswith("The database could not be set up: ")
    assert "METARR_DATABASE_URL" in str(error.value)
    assert "cret" not in str(error.value)
