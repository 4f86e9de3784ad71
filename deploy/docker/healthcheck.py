"""`python healthcheck.py PORT PATH` ends with 0 where this container answers with 200, and prints the answer.

It runs all the time, so it imports next to nothing; `docker inspect` shows what it printed.
"""  # noqa: INP001 - a program of one file

import socket
import sys

PATIENCE_SECONDS = 3
LONGEST_ANSWER = 4096


def main(port: str, path: str) -> int:
    """Ask once."""
    try:
        with socket.create_connection(("127.0.0.1", int(port)), PATIENCE_SECONDS) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            answer = connection.makefile("rb").read(LONGEST_ANSWER).decode(errors="replace")
    except OSError as error:
        answer = str(error)
    head, _, body = answer.partition("\r\n\r\n")
    sys.stdout.write(f"{body or head}\n")
    return 0 if head.partition(" ")[2].startswith("200 ") else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
