"""Run by path as a tiny program: become the wanted user, ask to die with the parent, turn into the command.

Usage: launch.py PARENT_PID DEATH_SIGNAL UID GID COMMAND...   (UID and GID are -1 to stay who we are)

A program and not a `preexec_fn`, since that is unsafe when the parent has threads. The kernel forgets the death signal
when the user changes, hence the order; the new user may not be able to read our Python, hence all imports before.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Never returns: the process becomes the command, or ends with a message."""
    parent, death_signal, uid, gid = map(int, arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child could start")
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
