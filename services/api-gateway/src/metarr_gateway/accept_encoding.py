"""Which compressed forms of a file a client wants, from its `Accept-Encoding`. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

SUFFIXES: Final[Mapping[str, str]] = {"br": ".br", "gzip": ".gz"}
"""What a file is called in each coding that we know, the smaller one first."""
OFFER = re.compile(r"\s*([\w*+.-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)


def codings(header: str) -> tuple[str, ...]:
    """Those to prefer to the file as it is, best first. What cannot be read is not wanted."""
    weights = dict(_weights(header))
    plain = weights.get("identity", 0.0)
    wanted = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in SUFFIXES}
    better = [coding for coding, weight in wanted.items() if weight > 0 and weight >= plain]
    return tuple(sorted(better, key=lambda coding: -wanted[coding]))


def _weights(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        offer = OFFER.fullmatch(part)
        if offer is not None:
            yield offer[1].lower(), float(offer[2] or 1)
