"""Memory and processor time of processes, as Linux tells them in /proc."""

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(pid: int) -> float:
    """What a process has used of processors so far, itself and for it in the kernel; ended children left out."""
    # The name of the program stands in brackets and may hold anything.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def family_seconds(pid: int) -> float:
    """The same of a server and of all its children, those that have ended too, as PostgreSQL has one a connection."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    ended = (int(fields[13]) + int(fields[14])) / TICKS_PER_SECOND
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return processor_seconds(pid) + ended + sum(processor_seconds(int(child)) for child in children)
