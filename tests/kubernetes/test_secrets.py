"""deploy/kubernetes/make-secrets.sh makes what the overlays need, once, and shows nothing of it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.kubernetes.manifests import FOLDER, Manifests, containers, secret_files, secret_variables

from metarr_contracts.permissions import USERS

KUBECTL = """#!/bin/sh
# Keeps what is created as a file, and what it was called with.
echo "$*" >>"$FAKE/calls"
case "$3" in
get) test -e "$FAKE/secrets/$5" ;;
create) cat >"$FAKE/new" && mv "$FAKE/new" "$FAKE/secrets/$(sed -n 's/^  name: //p' "$FAKE/new")" ;;
esac
"""


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A folder with a kubectl that has a cluster of files."""
    (tmp_path / "secrets").mkdir()
    program = tmp_path / "kubectl"
    program.write_text(KUBECTL, encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def _made(fake: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """All Secrets by name after one call of the script, and what it and its calls said."""
    done = subprocess.run(  # noqa: S603 - our own script
        [FOLDER / "make-secrets.sh", "metarr-test"],
        env={**os.environ, "FAKE": str(fake), "PATH": f"{fake}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )
    secrets = {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in (fake / "secrets").iterdir()}
    return secrets, done.stdout + done.stderr + (fake / "calls").read_text(encoding="utf-8")


def test_each_secret_is_made_once(fake: Path) -> None:
    """What is there stays; what was deleted is made anew."""
    first, _ = _made(fake)
    assert _made(fake)[0] == first
    (fake / "secrets" / "metarr-api-key").unlink()
    second, _ = _made(fake)
    assert {name for name in first if first[name] != second[name]} == {"metarr-api-key"}


def test_passwords_are_fit_for_every_place(fake: Path) -> None:
    """Letters and digits, a letter first; each is another, and none is shown."""
    secrets, said = _made(fake)
    passwords = [value for each in secrets.values() for key, value in each["stringData"].items() if key != "username"]
    assert len({*passwords}) == len(passwords) == len(secrets)
    for password in passwords:
        assert re.fullmatch("[A-Za-z][A-Za-z0-9]{39}", password)
        assert password not in said
    assert {line.split()[1] for line in said.splitlines()} == {"metarr-test"}


def test_each_user_and_role_has_one(fake: Path) -> None:
    """Those of the bus by its permissions, those of the database in the form that its operator reads."""
    secrets, _ = _made(fake)
    assert {f"metarr-nats-{user.name}" for user in USERS} <= {*secrets}
    users = {name: each["stringData"]["username"] for name, each in secrets.items() if "type" in each}
    assert users == {
        "metarr-postgres-owner": "metarr",
        "metarr-postgres-writer": "metarr_writer",
        "metarr-postgres-reader": "metarr_reader",
    }


def test_what_pods_need_is_made(manifests: Manifests, fake: Path) -> None:
    """But for the providers' keys, and what operators of the cluster make."""
    secrets, _ = _made(fake)
    made = {(name, key) for name, each in secrets.items() for key in each["stringData"]}
    wanted = {
        each
        for workload in manifests.workloads()
        for container in containers(workload)
        for each in (*secret_variables(container).values(), *secret_files(workload).values())
    }
    others = {"metarr-providers", "metarr-nats-tls", "metarr-postgres-ca"}
    assert {(name, key) for name, key in wanted if name not in others} <= made
