"""How we say to a NATS server who we are, and how we make sure who it is."""

import re
import ssl
from pathlib import Path
from typing import Any

from metarr_chassis.nats_client import NO_TLS
from metarr_chassis.nats_servers import NatsServers
from metarr_contracts.permissions import inbox_prefix

TOKEN = re.compile(r"[\w-]+")
"""What may stand between two dots of a subject."""
REFUSED = re.compile(r"authorization (?:violation|failed)|authentication (?:expired|revoked)", re.IGNORECASE)


def login(servers: NatsServers, ca_file: Path | None = None) -> dict[str, Any]:
    """What `NatsClient.connect` needs to know of the servers; `ca_file` holds the certificates that are trusted.

    User and password are told for all: the client would use those of an address for that address alone, and not for
    servers that it hears of from others. Replies come to inboxes of the user's own, which no other user may hear.
    """
    told: dict[str, Any] = {"servers": list(servers.urls)}
    if servers.password is None:
        told["token"] = servers.user
    else:
        told |= {"user": servers.user, "password": servers.password}
        if servers.user and TOKEN.fullmatch(servers.user):
            told["inbox_prefix"] = inbox_prefix(servers.user)
    if ca_file is not None:
        told["tls"] = ssl.create_default_context(cafile=ca_file)
    return told


def why_refused(error: BaseException, servers: NatsServers) -> str | None:
    """What keeps us and a server that is there from each other, for a person; None: it is something else."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"{error.verify_message}; METARR_NATS_CA_FILE names whose certificates are trusted"
        return f"The certificate of the NATS server at {servers} is not trusted: {why}"
    if REFUSED.search(str(error)):
        return f"The NATS server at {servers} refuses {servers.who}"
    if NO_TLS in str(error):
        return f"The NATS server at {servers} offers no TLS, and tls:// asks for it"
    return None
