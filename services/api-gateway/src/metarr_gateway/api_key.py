"""The key of the web server: what it may look like, and whether somebody knows it. Pure."""

import re
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Self

PATTERN = re.compile(r"[!-~]{20,200}")
EXPECTED = "expected a key of 20 to 200 printable ASCII characters without spaces"


@dataclass(frozen=True)
class ApiKey:
    """A key that is long enough to be one. `secret` signs the sessions of those who know it."""

    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key of a file; what is around it does not count.

        Raises:
            ValueError: no key looks like this; the text is not in the message.
        """
        key = text.strip()
        if PATTERN.fullmatch(key) is None:
            raise ValueError(EXPECTED)
        return cls(key.encode())

    def is_known_to(self, given: str) -> bool:
        """Tell whether this is the key, in a time that says nothing of how much of it is right."""
        return compare_digest(self.secret, given.encode(errors="surrogatepass"))
