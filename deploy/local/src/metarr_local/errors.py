"""What can go wrong on this machine, each with the sentence that a person reads."""

from pathlib import Path


class LocalError(Exception):
    """Root of this package's errors: the text is meant for the person at the terminal."""


class StreamTakenError(LocalError):
    """A stream of this name is there, or came to be while another one was restored."""


class PortTakenError(LocalError):
    """Somebody else listens where one of ours has to."""

    def __init__(self, port: int, wanted_by: str, setting: str) -> None:
        super().__init__(
            f"Port {port} is taken by another program; {wanted_by} wants it. Choose another with {setting}."
        )
        self.port = port


class NoFreePortError(LocalError):
    """Other programs, or too many of ours, have all ports from which one is taken."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"No port from {first} to {last} is free. End what is not needed any more.")


class FolderInUseError(LocalError):
    """A folder belongs to one running server or one `metarr run` at a time."""

    def __init__(self, folder: Path, used_by: str) -> None:
        super().__init__(f"{folder} is in use by {used_by} that is still running. Stop it first.")


class ServerFailedError(LocalError):
    """An embedded server ended, or did not answer in time; the end of its log is part of the message."""

    def __init__(self, name: str, what: str, log_tail: str) -> None:
        super().__init__(f"{name} {what}." + (f" The end of its log:\n{log_tail}" if log_tail else ""))
        self.log_tail = log_tail


class NoDataError(LocalError):
    """A command that looks at what is there was called where there is nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no Metarr in {folder}. Call this where `metarr run` was called, or name its data folder with"
            " METARR_DATA_DIR."
        )


class EndedEarlyError(LocalError):
    """A process ended before it was ready; it has said why on its own lines."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended before it was ready (exit code {code}).")
        self.code = code


class RefusedSettingsError(LocalError):
    """A service will not start with its settings; it has said why on its own lines."""


def reason(error: BaseException) -> str:
    """Return what an error of a library or of the system says, or at least its name."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__
