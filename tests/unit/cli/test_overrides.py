from __future__ import annotations

import pytest

from tiphys.cli.overrides import Overrides, parameter_texts, parse_pairs
from tiphys.errors import Refused

MANIFEST = {
    "metadata": {"name": "a", "labels": {"x": "1"}},
    "spec": {
        "entrypoint": "main",
        "arguments": {"parameters": [{"name": "p", "value": "1"}, {"name": "q", "value": "2"}]},
    },
}


def test_nothing_given_changes_nothing():
    assert Overrides().apply(MANIFEST) == MANIFEST


def test_what_is_given_wins():
    changed = Overrides(
        name="b", entrypoint="alt", priority=0, service_account="s", labels={"y": "2"}, parameters={"p": "9", "r": "3"}
    ).apply(MANIFEST)
    assert changed["metadata"] == {"name": "b", "labels": {"x": "1", "y": "2"}}
    assert changed["spec"]["entrypoint"] == "alt"
    assert changed["spec"]["priority"] == 0
    assert changed["spec"]["serviceAccountName"] == "s"
    assert changed["spec"]["arguments"]["parameters"] == [
        {"name": "p", "value": "9"},
        {"name": "r", "value": "3"},
        {"name": "q", "value": "2"},
    ]
    assert MANIFEST["metadata"]["name"] == "a"


def test_a_generated_name_takes_the_place_of_a_name():
    assert Overrides(generate_name="g-").apply(MANIFEST)["metadata"] == {"generateName": "g-", "labels": {"x": "1"}}


def test_only_what_is_given_is_asked_of_the_server():
    assert Overrides().submit_options() == {}
    assert Overrides(entrypoint="e", labels={"a": "b"}, parameters={"p": "x=y"}).submit_options() == {
        "entryPoint": "e",
        "labels": "a=b",
        "parameters": ["p=x=y"],
    }


def test_pairs_are_cut_at_the_first_sign():
    assert parse_pairs(["a=b=c", "d="], "parameter") == {"a": "b=c", "d": ""}


@pytest.mark.parametrize("item", ["a", "", "=b"])
def test_what_is_no_pair_is_refused(item):
    with pytest.raises(Refused, match="NAME=VALUE"):
        parse_pairs([item], "parameter")


def test_parameters_of_a_file_become_text():
    document = {"s": "x", "i": 3, "b": True, "l": [1, 2], "o": {"a": None}}
    assert parameter_texts(document, "p.yaml") == {"s": "x", "i": "3", "b": "true", "l": "[1,2]", "o": '{"a":null}'}


@pytest.mark.parametrize("document", [[1], "text", None])
def test_a_file_that_is_no_mapping_is_refused(document):
    with pytest.raises(Refused, match=r"p\.yaml"):
        parameter_texts(document, "p.yaml")
