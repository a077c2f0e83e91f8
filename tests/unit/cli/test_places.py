from __future__ import annotations

import pytest

from tiphys.cli.places import authorization, server_address
from tiphys.errors import Refused
from tiphys.server.token import ensure_token


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("TIPHYS_SERVER", "ARGO_SERVER", "ARGO_SECURE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_server_is_the_option_then_ours_then_argos_then_loopback(environment):
    assert server_address(None) == "http://127.0.0.1:2746"
    environment.setenv("ARGO_SERVER", "argo.example:2746")
    assert server_address(None) == "http://argo.example:2746"
    environment.setenv("ARGO_SECURE", "true")
    assert server_address(None) == "https://argo.example:2746"
    environment.setenv("TIPHYS_SERVER", "http://ours:1/")
    assert server_address(None) == "http://ours:1"
    assert server_address("https://given:2") == "https://given:2"


@pytest.mark.parametrize("text", ["http://", "http:///path"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Refused, match="no address"):
        server_address(text)


def test_the_own_token_is_shown_to_this_machine_only(tmp_path):
    token = ensure_token(tmp_path)
    assert authorization("http://127.0.0.1:2746", None, tmp_path) == f"Bearer {token}"
    assert authorization("http://elsewhere:2746", None, tmp_path) == ""
    assert authorization("http://elsewhere:2746", "given", tmp_path) == "Bearer given"
    assert authorization("http://elsewhere:2746", "Bearer given", tmp_path) == "Bearer given"
    assert authorization("http://127.0.0.1:2746", None, tmp_path / "none") == ""
