"""Random-looking choices that depend on nothing but their seed, the same in every process and Python version."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def digest(*key: object) -> int:
    """A 64-bit number that stands for the key."""
    text = "\x1f".join(map(str, key))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def base62(number: int, length: int) -> str:
    """The lowest ``length`` base-62 digits of a number."""
    letters = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        letters.append(_BASE62[rest])
    return "".join(reversed(letters))


def letters(length: int, *key: object) -> str:
    """Up to forty base-62 characters that stand for the key."""
    text = "\x1f".join(map(str, key))
    return base62(int.from_bytes(blake2b(text.encode(), digest_size=32).digest(), "big"), length)


def from_base62(text: str) -> int | None:
    """The number that ``base62`` wrote; None for a foreign character."""
    number = 0
    for letter in text:
        place = _BASE62.find(letter)
        if place < 0:
            return None
        number = number * 62 + place
    return number


class Dice:
    """One seeded sequence of choices (a linear congruential generator: cheap, and good enough for made-up films)."""

    __slots__ = ("_state",)

    def __init__(self, *key: object) -> None:
        self._state = digest(*key)

    def roll(self, sides: int) -> int:
        """A number from 0 to ``sides - 1``."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (self._state >> 31) % sides

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.roll(high - low + 1)

    def chance(self, percent: float) -> bool:
        """True in ``percent`` of a hundred cases."""
        return self.roll(10_000) < percent * 100

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.roll(len(options))]

    def some(self, options: Sequence[T], count: int) -> tuple[T, ...]:
        """``count`` different ones of the options, neighbours in a rolled stride, so that it costs two rolls."""
        size = len(options)
        start, stride = self.roll(size), 1 + self.roll(size - 1)
        found: list[T] = []
        for step in range(size):
            option = options[(start + step * stride) % size]
            if option not in found:
                found.append(option)
            if len(found) == count:
                break
        return tuple(found)
