"""What is compared at start: our definitions against what the server has."""

from typing import Any

import pytest

from metarr_chassis.topology import bucket_config, consumer_config, differences, stream_config
from metarr_contracts.streams import BUCKETS, CONSUMERS, STREAMS

WANTED = [
    *(stream_config(stream) for stream in STREAMS),
    *(bucket_config(bucket) for bucket in BUCKETS),
    *(consumer_config(consumer) for consumer in CONSUMERS),
]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda config: config.get("name") or config.get("durable_name"))
def test_what_the_server_leaves_out_is_no_difference(wanted: dict[str, Any]) -> None:
    """Servers leave empty settings out and add their own."""
    told = {name: value for name, value in wanted.items() if value} | {"max_bytes": -1, "first_seq": 1}
    assert list(differences(wanted, told)) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_msgs_per_subject", 2),
        ("discard_new_per_subject", False),
        ("discard", "old"),
        ("retention", "limits"),
        ("subjects", ["metarr.cmd.>", "other"]),
        ("duplicate_window", 1),
    ],
)
def test_a_setting_that_matters_is_named(setting: str, value: object) -> None:
    """With what it is and what is expected."""
    wanted = stream_config(STREAMS[0])
    [found] = differences(wanted, wanted | {setting: value})
    assert found == f"{setting} is {value!r}, expected {wanted[setting]!r}"


@pytest.mark.parametrize("setting", ["description", "num_replicas"])
def test_what_an_operator_may_choose_is_no_difference(setting: str) -> None:
    """Replicas and descriptions."""
    wanted = stream_config(STREAMS[0])
    assert list(differences(wanted, wanted | {setting: "other"})) == []


def test_the_lock_and_the_log_are_protected() -> None:
    """One command for each film, and facts that nobody deletes."""
    configs = {config.get("name"): config for config in WANTED}
    assert configs["METARR_COMMANDS"]["max_msgs_per_subject"] == 1
    assert configs["METARR_COMMANDS"]["discard_new_per_subject"]
    assert configs["METARR_EVENTS"]["deny_delete"]
    assert configs["METARR_EVENTS"]["deny_purge"]
    assert configs["METARR_EVENTS"]["max_age"] == 0
    assert {config.get("compression", "none") for config in WANTED} == {"none"}


def test_the_enricher_counts_deliveries_and_not_the_server() -> None:
    """A limit of the server would block the film for ever."""
    assert {consumer_config(consumer)["max_deliver"] for consumer in CONSUMERS} == {-1}
