"""What the gateway is told by its environment."""

from pathlib import Path

import pytest

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import read_settings
from metarr_gateway.settings import GatewaySettings


def test_there_may_be_no_ui() -> None:
    """The API is served alone where no folder is named."""
    assert read_settings(GatewaySettings, {}).ui_dir is None


def test_a_folder_with_the_page_is_taken(tmp_path: Path) -> None:
    """A built UI has a page."""
    (tmp_path / "index.html").touch()
    assert read_settings(GatewaySettings, {"METARR_UI_DIR": str(tmp_path)}).ui_dir == tmp_path


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_the_page_is_refused(tmp_path: Path, folder: str) -> None:
    """Named together with all else that is wrong, and with what was found."""
    given = tmp_path / folder
    with pytest.raises(WrongSettingsError) as caught:
        read_settings(GatewaySettings, {"METARR_UI_DIR": str(given), "METARR_HTTP_PORT": "x"})
    assert len(caught.value.lines) == 2
    assert f'METARR_UI_DIR: expected a folder with index.html in it; found "{given}"' in caught.value.lines
