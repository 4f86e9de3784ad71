"""What the embedded NATS server says about its own health: over the bus, so it needs no port for it.

https://docs.nats.io/running-a-nats-service/configuration/sys_accounts
"""

import json

import nats.errors

from metarr_local.bus import connected
from metarr_local.errors import LocalError

USER = "health"
PASSWORD_VARIABLE = "METARR_NATS_PASSWORD_HEALTH"  # noqa: S105 - its name
SUBJECT = "$SYS.REQ.SERVER.PING.HEALTHZ"
ANSWER_SECONDS = 5.0
# Only the system account may ask; of all that it may this user may nothing else.
ACCOUNT = f"""accounts {{
  $SYS: {{
    users: [
      {{
        user: {USER}, password: ${PASSWORD_VARIABLE}
        permissions: {{ publish: "{SUBJECT}", subscribe: "_INBOX.{USER}.>" }}
      }}
    ]
  }}
}}
"""


async def write_error(nats_url: str) -> str | None:
    """Return why a stream could not be written, which then takes nothing until a restart; None when all can.

    Raises LocalError when the server does not say.
    """
    async with connected(nats_url) as client:
        try:
            reply = await client.request(SUBJECT, b'{"details": true}', timeout=ANSWER_SECONDS)
        except nats.errors.Error as error:
            raise LocalError(f"NATS does not say how it is: {type(error).__name__}.") from error
    errors = [str(each["error"]) for each in json.loads(reply.data)["data"].get("errors", ())]
    # Such as: JetStream stream '$G > METARR_EVENTS' write error: write /path/1.blk: no space left on device
    return next((error.rpartition(": ")[2] for error in errors if " write error: " in error), None)
