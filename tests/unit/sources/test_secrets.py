from __future__ import annotations

import pytest

from tiphys.controllers.ports import Change, DocumentRow
from tiphys.errors import InvalidManifest
from tiphys.sources.secrets import Secrets
from tiphys.testing.store import MemoryStore


async def store_with(**fields: dict[str, str]) -> MemoryStore:
    store = MemoryStore()
    body = {"kind": "Secret", "metadata": {"name": "hook-token"}, **fields}
    await store.commit(Change(documents=(DocumentRow("Secret", "ops", "hook-token", body),)))
    return store


async def test_a_secret_is_read_in_both_forms():
    plain = Secrets(await store_with(stringData={"token": "abc"}), {})
    encoded = Secrets(await store_with(data={"token": "YWJj"}), {})
    assert await plain.value("ops", "hook-token", "token") == "abc"
    assert await encoded.value("ops", "hook-token", "token") == "abc"


async def test_without_a_document_the_environment_is_asked():
    secrets = Secrets(MemoryStore(), {"TIPHYS_SECRET__HOOK_TOKEN__TOKEN": "abc"})
    assert await secrets.value("ops", "hook-token", "token") == "abc"


async def test_a_secret_that_is_nowhere_is_an_error_that_names_both_places():
    with pytest.raises(InvalidManifest, match=r"ops/hook-token.*TIPHYS_SECRET__HOOK_TOKEN__TOKEN"):
        await Secrets(MemoryStore(), {}).value("ops", "hook-token", "token")


async def test_an_empty_secret_is_no_secret():
    with pytest.raises(InvalidManifest):
        await Secrets(await store_with(stringData={"token": ""}), {}).value("ops", "hook-token", "token")


async def test_bad_base64_is_an_error():
    with pytest.raises(InvalidManifest, match="stringData"):
        await Secrets(await store_with(data={"token": "not base64!"}), {}).value("ops", "hook-token", "token")
