"""Pure: numbers of bytes for a person."""

MEGABYTE = 1_000_000
GIGABYTE = 1_000 * MEGABYTE


def in_words(size: int) -> str:
    """So many bytes in megabytes, from ten gigabytes on in these."""
    return f"{size / GIGABYTE:.1f} GB" if size >= 10 * GIGABYTE else f"{size / MEGABYTE:.1f} MB"
