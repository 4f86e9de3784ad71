"""What can go wrong in the projector. Each docstring is the message."""


class ProjectorError(Exception):
    """The projection cannot go on for now."""

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args) or (type(self).__doc__ or "").strip().rstrip(".")


class SchemaMissingError(ProjectorError):
    """The database has no tables of this version; run: metarr setup."""


class DatabaseUnsuitableError(ProjectorError):
    """The database is not of the kind that is needed."""


class RoleUnsuitableError(ProjectorError):
    """A role of the database is not there, or may more or less than it should."""


class CheckpointMovedError(ProjectorError):
    """Somebody else moved the checkpoint: another projector is at work."""


class FeedBrokenError(ProjectorError):
    """The stream of events was interrupted."""


class DatabaseAwayError(ProjectorError):
    """The database cannot be reached."""
