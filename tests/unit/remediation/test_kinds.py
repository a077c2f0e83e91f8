"""Which values each type admits."""

from __future__ import annotations

import pytest
from tests.unit.remediation.builders import Json

from tiphys.remediation import kinds

GOOD = [
    ("dns1123_label", "shop"),
    ("dns1123_label", "a" * 63),
    ("dns1123_subdomain", "node-1.eu.example"),
    ("hostname", "Web-01.fra2.example"),
    ("label_selector", "app=frontend"),
    ("label_selector", "app.kubernetes.io/name=gw,app.kubernetes.io/component=gw"),
    ("redis_pattern", "cache:product:*"),
    ("redis_pattern", "sess"),
    ("choice", "/var/log/nginx"),
    ("choice", "postgresql@16-main.service"),
    ("int", 3),
]
BAD = [
    ("dns1123_label", ""),
    ("dns1123_label", "a" * 64),
    ("dns1123_label", "-n"),
    ("dns1123_label", "kube system"),
    ("dns1123_label", "shop\n"),
    ("dns1123_label", "prod-\u202etset\u202c"),
    ("dns1123_label", "shор"),  # noqa: RUF001 - Cyrillic letters that look Latin
    ("dns1123_label", "$(id)"),
    ("dns1123_subdomain", "a..b"),
    ("hostname", "10.0.0.1"),
    ("hostname", "-h"),
    ("label_selector", ""),
    ("label_selector", "--all-namespaces=true"),
    ("label_selector", "-l=x"),
    ("label_selector", "app=web --all-namespaces=true"),
    ("label_selector", "app=web,--all-namespaces=true"),
    ("label_selector", "app=x; kubectl delete ns shop"),
    ("label_selector", "app"),
    ("label_selector", "app="),
    ("label_selector", "app=web,"),
    ("label_selector", ",app=web"),
    ("label_selector", "app!=web"),
    ("label_selector", "app in (a,b)"),
    ("label_selector", "app=*"),
    ("label_selector", "app=$(id)"),
    ("label_selector", "app==web"),
    ("label_selector", ",".join(f"a{n}=b" for n in range(9))),
    ("redis_pattern", "*"),
    ("redis_pattern", "?"),
    ("redis_pattern", "[a]*"),
    ("redis_pattern", "ab*"),
    ("redis_pattern", "cache:*:x"),
    ("redis_pattern", "cache:**"),
    ("redis_pattern", "(none)*"),
    ("redis_pattern", "-cache*"),
    ("choice", "-x"),
    ("choice", "a b"),
    ("choice", ""),
    ("int", "3"),
    ("int", True),
    ("int", 3.0),
    ("dns1123_label", 7),
    ("dns1123_label", None),
]


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_admitted(kind: str, value: Json):
    assert kinds.value_fault(kind, value) == ""


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_refused(kind: str, value: Json):
    assert kinds.value_fault(kind, value)


@pytest.mark.parametrize("text", ["30; rm", "-1", "1e9", "0x10", "", " 3", "٣", "1234567890"])
def test_a_label_that_is_no_plain_number_is_none(text: str):
    assert kinds.read_value("int", text) is None


def test_a_label_that_is_a_number_is_read_as_one():
    assert kinds.read_value("int", "12") == 12
