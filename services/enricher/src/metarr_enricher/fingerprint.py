"""Tells a changed key from the same one, without keeping the key."""

import hashlib


def fingerprint(key: str | None, store_id: str) -> str | None:
    """A slow hash of the key, salted with the store's id: OMDb keys have 32 bits only, a fast one would tell them."""
    if key is None:
        return None
    return hashlib.scrypt(key.encode(), salt=store_id.encode(), n=2**14, r=8, p=1, dklen=8).hex()
