import pytest

from tiphys.manifest.scalars import NotAScalar, json_number, key_text, number_text, resolve_plain, resolve_tagged

PLAIN = [
    *((text, True) for text in ("y", "Y", "yes", "YES", "on", "On", "true", "TRUE")),
    *((text, False) for text in ("n", "N", "no", "off", "OFF", "False")),
    *((text, None) for text in ("", "~", "null", "NULL")),
    ("yEs", "yEs"),
    ("nUll", "nUll"),
    ("017", 15),
    ("0o17", 15),
    ("0b11", 3),
    ("-0x1F", -31),
    ("+1", 1),
    ("1_000", 1000),
    ("08", 8),
    ("0", 0),
    ("1e3", 1000),
    ("1.0", 1),
    ("1.50", 1.5),
    (".5", 0.5),
    ("1.", 1),
    ("-.5e1", -5),
    ("12345678901234567890", 12345678901234567890),
    ("123456789012345678901", 123456789012345680000),
    ("1e400", "1e400"),
    ("1:30", "1:30"),
    ("2001-01-01", "2001-01-01"),
    ("2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
    ("1.2.3", "1.2.3"),
    ("0x", "0x"),
    ("-", "-"),
    (".", "."),
    ("_1", "_1"),
    ("0b12", "0b12"),
    ("Infinity", "Infinity"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_an_unquoted_scalar_is_read_as_go_reads_it(text: str, value: object):
    resolved = resolve_plain(text)
    assert (type(resolved), resolved) == (type(value), value)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "1", "1"),
        ("int", "3", 3),
        ("float", "3", 3),
        ("bool", "yes", True),
        ("null", "~", None),
        ("binary", "aGk=", "hi"),
        ("timestamp", "2001-01-01", "2001-01-01"),
    ],
)
def test_a_tag_decides_what_a_scalar_is(tag: str, text: str, value: object):
    assert resolve_tagged(f"tag:yaml.org,2002:{tag}", text) == value


@pytest.mark.parametrize(("tag", "text"), [("int", "x"), ("int", "yes"), ("bool", "1"), ("binary", "*"), ("null", "0")])
def test_a_tag_that_promises_too_much_is_refused(tag: str, text: str):
    with pytest.raises(NotAScalar):
        resolve_tagged(f"tag:yaml.org,2002:{tag}", text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (2**53, "9007199254740992"),
        (12345678901234567890, "12345678901234567000"),
        (1.5, "1.5"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (100.0, "100"),
    ],
)
def test_numbers_become_text_without_exponent(value: object, text: str):
    assert number_text(value) == text


def test_only_scalars_but_null_are_keys():
    assert [key_text(key) for key in ("a", 1, True, 1.5, None)] == ["a", "1", "true", "1.5", None]


def test_a_float_of_json_keeps_its_exponent_from_1e21_on():
    assert [repr(json_number(number)) for number in (1e20, 1e21, 0.5)] == ["100000000000000000000", "1e+21", "0.5"]
