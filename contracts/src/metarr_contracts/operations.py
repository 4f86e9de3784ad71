"""What operators are answered."""

from metarr_contracts.base import Value


class Rebuilt(Value):
    """`data` of the reply to `metarr.ops.rebuild`."""

    events: int
    seconds: float
