"""What can go wrong between services. Each docstring is the message."""

from metarr_contracts.library import Refused


class ChassisError(Exception):
    """Something went wrong outside of this service."""


class BusUnavailableError(ChassisError):
    """The bus cannot be reached, or nobody answers on it."""


class BusLostError(ChassisError):
    """The bus has turned us out, and the connection does not come back."""


class SubjectTakenError(ChassisError):
    """The subject already holds a command: its job is queued or running."""


class ConflictError(ChassisError):
    """Somebody else wrote to this subject in between."""


class TopologyError(ChassisError):
    """The bus is not set up as this version expects."""


class RefusedError(ChassisError):
    """The request was understood and not carried out.

    Attributes:
        status: HTTP-like status (400, 404, 409, 500, 503).
        refused: What is said to the asker.
    """

    def __init__(
        self, status: int, error: str, code: str, field: str | None = None, *, movie_id: int | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.refused = Refused(error=error, code=code, field=field, movie_id=movie_id)
