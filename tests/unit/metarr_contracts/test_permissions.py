"""Rights on the bus: little enough for each, and enough for what the map of the bus says."""

import pytest

from metarr_contracts.channels import CHANNELS, LIVE, REQUESTS, covers
from metarr_contracts.permissions import OPERATOR, SERVICES, SETUP, USERS, User, inbox_prefix, password_variable
from metarr_contracts.streams import ALL_STREAMS, COMMANDS

PARTIES = {"gateway": "api-gateway"}
LIMITED = (*SERVICES, OPERATOR)
EVERYBODY = pytest.mark.parametrize("user", LIMITED, ids=[user.name for user in LIMITED])
CHANGES = ("CREATE", "UPDATE", "PURGE", "DELETE", "MSG.DELETE", "RESTORE", "SNAPSHOT", "LEADER.STEPDOWN", "PEER.REMOVE")


def may_publish(user: User, subject: str) -> bool:
    """Whether the server lets this user send on a subject, which may hold wildcards: then on any that it covers."""
    return any(covers(allowed, subject) for allowed in user.publish.allow) and not any(
        covers(denied, subject) for denied in user.publish.deny
    )


@EVERYBODY
def test_what_the_map_says_is_sent_and_heard_may_be(user: User) -> None:
    """And nothing else of the product's own subjects is sent."""
    party = PARTIES.get(user.name, user.name)
    for channel in CHANNELS:
        assert may_publish(user, channel.pattern) == (party in channel.sent), channel.name
    if user is not OPERATOR:
        for channel in (*LIVE, *REQUESTS):
            heard = any(covers(allowed, channel.pattern) for allowed in user.subscribe.allow)
            assert heard == (party in channel.readers), channel.name


@EVERYBODY
@pytest.mark.parametrize("stream", ALL_STREAMS)
def test_streams_are_changed_by_setup_alone(user: User, stream: str) -> None:
    """No call of the API that changes or removes, and no consumer of the queue."""
    calls = [f"$JS.API.STREAM.{call}.{stream}" for call in CHANGES]
    calls += [f"$JS.API.CONSUMER.{call}.{COMMANDS}.enricher" for call in ("CREATE", "DURABLE.CREATE", "DELETE")]
    assert not [call for call in calls if may_publish(user, call)]
    assert all(may_publish(SETUP, call) for call in calls)


@EVERYBODY
def test_no_permission_is_wider_than_it_looks(user: User) -> None:
    """No list lets everything through, and wildcards stand where a whole token is meant."""
    for access in (user.publish, user.subscribe):
        for subject in (*access.allow, *access.deny):
            first, *rest = subject.split(".")
            assert first in {"metarr", "$JS", "$KV", "$O", "$SRV", "$SYS", "_INBOX"}
            assert rest or first == "_INBOX"
            assert ">" not in rest[:-1]
            assert not [token for token in rest if len(token) > 1 and set(token) & {"*", ">"}]
        assert len(set(access.allow)) == len(access.allow)


def test_users_and_variables_are_distinct() -> None:
    """A name is one token of a subject, since it stands in inboxes."""
    assert len({user.name for user in USERS}) == len(USERS) == len({password_variable(user.name) for user in USERS})
    assert all(inbox_prefix(user.name).count(".") == 1 for user in USERS)
