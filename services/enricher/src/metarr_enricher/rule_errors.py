"""What a person asked for and the rules do not allow."""


class RuleError(Exception):
    """A person asked for what a film or job does not allow.

    Attributes:
        code: Stable name of the rule.
        field: The field of the request that is wrong.
        movie_id: The film that is in the way.
    """

    def __init__(self, message: str, code: str, field: str | None = None, *, movie_id: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.movie_id = movie_id


class MovieNotFoundError(RuleError):
    """Movie not found."""

    def __init__(self) -> None:
        super().__init__("Movie not found", "movie_not_found")


class JobEndedError(RuleError):
    """The job has ended."""

    def __init__(self) -> None:
        super().__init__("The job has already ended", "job_ended")
