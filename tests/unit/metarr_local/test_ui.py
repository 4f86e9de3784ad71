"""Where the built web UI is found."""

from pathlib import Path

from metarr_local import ui


def test_it_is_that_of_the_checkout() -> None:
    """Whatever the folder is from which the command is called."""
    assert Path(__file__).parents[3] / "public" / "frontend" / "dist" == ui.BUILT


def test_a_folder_without_the_page_is_none(tmp_path: Path) -> None:
    """Nobody has built it, or only half of it is there."""
    assert ui.built_ui(tmp_path / "dist") is None
    assert ui.built_ui(tmp_path) is None
    (tmp_path / "index.html").touch()
    assert ui.built_ui(tmp_path) == tmp_path
