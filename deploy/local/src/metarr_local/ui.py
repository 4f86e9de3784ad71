"""The built web UI of this checkout, wherever `metarr run` is called."""

from pathlib import Path

BUILT = Path(__file__).parents[4] / "public" / "frontend" / "dist"


def built_ui(folder: Path = BUILT) -> Path | None:
    """The folder with the page, or None where nobody has built it."""
    return folder if (folder / "index.html").is_file() else None
