# ruff: noqa: INP001 (a script)
"""`python deploy/sbom/web_ui.py FOLDER` writes what a web UI is built from and with: CycloneDX 1.6, from its lock.

`npm sbom --omit dev` leaves out what tools for tests need too, React among it. So npm is shown a project without such
tools; what it says is CycloneDX 1.5, which is 1.6 as well. It has to name each package of the lock, and is validated.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

source = Path(sys.argv[1])
manifest = json.loads((source / "package.json").read_text(encoding="utf-8"))
lock = json.loads((source / "package-lock.json").read_text(encoding="utf-8"))
del manifest["devDependencies"], lock["packages"][""]["devDependencies"]
lock["packages"] = {path: package for path, package in lock["packages"].items() if not package.get("dev")}

with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    (Path(folder) / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    command = ("npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only")
    said = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 (nothing of others)
document = json.loads(said) | {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "specVersion": "1.6"}

locked = {
    (path.rpartition("node_modules/")[2], package["version"]) for path, package in lock["packages"].items() if path
}
if missing := locked - {(one["name"], one["version"]) for one in document["components"]}:
    sys.exit(f"npm has left out {missing}")
text = json.dumps(document, indent=2)
if (wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
    sys.exit(f"not CycloneDX 1.6: {wrong}")
sys.stdout.write(f"{text}\n")
