"""The import rules name every module that says of itself that it is pure."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("services/*/src"), ROOT / "deploy" / "local" / "src"]


def says_pure(path: Path) -> bool:
    """Whether the module's docstring calls it pure."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.search(r"\bpure\b", docstring, re.IGNORECASE) is not None


def test_pure_modules_are_checked() -> None:
    """A module that says "Pure." stands in the list that lint-imports holds free of IO."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [rule] = [contract for contract in settings["contracts"] if contract["id"] == "pure"]
    modules = [(source, path) for source in SOURCES for path in source.rglob("*.py") if path.name != "__init__.py"]
    pure = {".".join(path.relative_to(source).with_suffix("").parts) for source, path in modules if says_pure(path)}

    assert pure - set(rule["source_modules"]) == set()
