"""Alert rules: correct by `promtool`, each one tried, each one explained to who gets it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "observability" / "alerts.yaml"
TRIED = Path(__file__).parent / "alerts_test.yaml"
OPERATIONS = ROOT / "docs" / "operations.md"
METRICS = ROOT / "docs" / "metrics.md"
PROMTOOL = shutil.which("promtool")

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool (of Prometheus) is not on the path")


def _promtool(*arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def _alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


@needs_promtool
def test_the_rules_are_correct() -> None:
    """Prometheus loads them."""
    _promtool("check", "rules", str(RULES))
    _promtool("check", "config", str(RULES.parent / "prometheus.yml"))


@needs_promtool
def test_the_rules_fire_when_they_should() -> None:
    """Given series, the alerts fire; a system that works fires none."""
    _promtool("test", "rules", str(TRIED))


def test_each_alert_is_tried() -> None:
    """Each alert is expected to fire somewhere."""
    fired = {
        case["alertname"]
        for test in yaml.safe_load(TRIED.read_text())["tests"]
        for case in test.get("alert_rule_test", ())
        if case["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in _alerts()}


def test_each_alert_says_what_to_do() -> None:
    """The page for operators has a section of each alert's name, and none of an alert that is not there."""
    names = [rule["alert"] for rule in _alerts()]
    assert re.findall(r"^### (Metarr\w+)$", OPERATIONS.read_text(), re.MULTILINE) == names
    for rule in _alerts():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_alerts_use_metrics_that_there_are() -> None:
    """A misspelt metric never fires."""
    known = set(re.findall(r"metarr_\w+", METRICS.read_text()))
    used = {re.sub(r"_bucket$", "", name) for rule in _alerts() for name in re.findall(r"metarr_\w+", rule["expr"])}
    assert used <= known, used - known
