from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

from tiphys.server.token import TOKEN_FILE, ensure_token, read_token


def test_the_token_is_made_once_and_only_its_owner_reads_it(tmp_path):
    directory = tmp_path / "data"
    token = ensure_token(directory)
    assert len(token) > 40
    assert ensure_token(directory) == token == read_token(directory)
    assert stat.S_IMODE((directory / TOKEN_FILE).stat().st_mode) == 0o600
    assert [path.name for path in directory.iterdir()] == [TOKEN_FILE]


def test_two_first_starts_at_once_agree(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(ensure_token, [tmp_path] * 8))
    assert len(tokens) == 1


def test_without_a_server_there_is_no_token(tmp_path):
    assert read_token(tmp_path) is None
