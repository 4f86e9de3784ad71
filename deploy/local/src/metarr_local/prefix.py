"""Pure: the name of the process before each of its lines, aligned and in its own colour."""

from collections.abc import Mapping

NAMES = ("metarr", "gateway", "enricher", "scheduler", "projector", "sandbox", "nats", "postgres")
WIDTH = max(map(len, NAMES))
COLOURS = ("1", "36", "32", "35", "33", "34", "90", "90")


def colour_wanted(environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Colour is for terminals whose owner has not set NO_COLOR (https://no-color.org)."""
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def prefixed(name: str, line: str, *, colour: bool) -> str:
    """The line with its prefix; an unknown name is shown like ours."""
    label = f"{name:<{WIDTH}} |"
    if colour:
        code = COLOURS[NAMES.index(name)] if name in NAMES else COLOURS[0]
        label = f"\x1b[{code}m{label}\x1b[0m"
    return f"{label} {line}"
