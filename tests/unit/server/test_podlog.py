from __future__ import annotations

import pytest

from tiphys.server import podlog
from tiphys.server.podlog import PodLog


@pytest.fixture
def log(tmp_path):
    return PodLog("pod", tmp_path / "log")


def test_a_file_that_is_not_there_yet_is_empty(log):
    assert log.read_lines() == ([], True)
    log.skip_to_tail(3)


def test_lines_come_once_and_whole(log):
    log.path.write_bytes(b"one\r\ntw")
    assert log.read_lines() == (["one"], True)
    with log.path.open("ab") as file:
        file.write(b"o\nthree")
    assert log.read_lines() == (["two"], True)
    assert log.last_line() == ["three"]
    assert log.last_line() == []


@pytest.mark.parametrize(("lines", "kept"), [(0, []), (1, ["c"]), (2, ["b", "c"]), (9, ["a", "b", "c"])])
def test_the_tail_is_the_last_lines(log, lines, kept):
    log.path.write_text("a\nb\nc\n")
    log.skip_to_tail(lines)
    assert log.read_lines()[0] == kept


def test_a_line_without_end_is_cut_into_pieces(log):
    log.path.write_bytes(b"x" * (podlog.MAX_LINE_BYTES * 2 + 5))
    pieces = []
    at_end = False
    while not at_end:
        lines, at_end = log.read_lines()
        pieces += lines
    assert "".join([*pieces, *log.last_line()]) == "x" * (podlog.MAX_LINE_BYTES * 2 + 5)
    assert max(map(len, pieces)) <= podlog.MAX_LINE_BYTES


def test_bytes_that_are_no_text_do_not_break_the_stream(log):
    log.path.write_bytes(b"\xff\xfe\n")
    assert log.read_lines() == (["\ufffd\ufffd"], True)
