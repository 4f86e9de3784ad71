"""When log lines are written."""

import asyncio
import logging

import pytest

from metarr_chassis.log_output import LibraryLines, LogOutput


def test_without_a_loop_a_line_is_written_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """There is no later turn in which it could be."""
    LogOutput().info("starting")

    assert capsys.readouterr().out == "starting\n"


async def test_lines_of_a_turn_are_written_before_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """Together, in their order; and those of each other turn, too."""
    output = LogOutput()

    for turn in ("first", "second"):
        output.info(f"{turn} a")
        output.debug(f"{turn} b")
        assert capsys.readouterr().out == ""
        await asyncio.sleep(0)
        assert capsys.readouterr().out == f"{turn} a\n{turn} b\n"


@pytest.mark.parametrize("level", ["warning", "error", "exception", "critical"])
async def test_trouble_is_written_at_once(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what was said before it, and nothing is said twice."""
    output = LogOutput()

    output.info("before")
    getattr(output, level)("trouble")

    assert capsys.readouterr().out == "before\ntrouble\n"
    await asyncio.sleep(0)
    assert capsys.readouterr().out == ""


async def test_what_libraries_say_keeps_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """After the lines that were said before it."""
    output = LogOutput()

    output.info("before")
    LibraryLines(output).emit(logging.makeLogRecord({"msg": "library"}))

    assert capsys.readouterr().out == "before\nlibrary\n"


async def test_no_line_of_a_thread_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever writes just then; each is written once, and those of one thread in their order."""
    output = LogOutput()

    def say(thread: int) -> None:
        for number in range(100):
            output.info(f"{thread} {number}")

    await asyncio.gather(*(asyncio.to_thread(say, thread) for thread in range(4)))

    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    for thread in range(4):
        assert [number for who, number in said if who == str(thread)] == [str(number) for number in range(100)]


def test_what_a_loop_left_unsaid_holds_back_nothing_of_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """Given a loop that was stopped before it wrote, then lines of another one are written with what was left."""
    output = LogOutput()
    stopped = asyncio.new_event_loop()
    stopped.call_soon(output.info, "left")
    stopped.call_soon(stopped.stop)
    stopped.run_forever()
    stopped.close()

    async def say() -> None:
        output.info("next")
        await asyncio.sleep(0)
        assert capsys.readouterr().out == "left\nnext\n"

    asyncio.run(say())


def test_what_is_said_while_a_line_is_written_does_not_wait_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an object that is collected just then and complains, as a task does, then both are written."""
    output, written = LogOutput(), list[str]()
    library = LibraryLines(output)

    class Stream:
        def write(self, text: str) -> None:
            if not written:
                written.append("")
                library.emit(logging.makeLogRecord({"msg": "complaint"}))
            written.append(text)

        def flush(self) -> None:
            pass

    monkeypatch.setattr(library, "stream", Stream())
    monkeypatch.setattr("sys.stdout", library.stream)
    output.error("line")

    assert "".join(written) == "complaint\nline\n"
