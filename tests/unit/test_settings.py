from __future__ import annotations

from pathlib import Path

import pytest

from tiphys.errors import InvalidManifest
from tiphys.settings import ImageSettings, Settings, resolve_settings


def test_without_anything_all_is_default():
    settings, listed = resolve_settings({}, {})
    assert settings == Settings()
    assert {setting.origin for setting in listed} == {"default"}
    assert "server.port" in {setting.key for setting in listed}


def test_the_stronger_origin_wins_and_is_named():
    file = {"server": {"host": "a", "port": 1, "auth_mode": "none"}, "data_dir": "/file"}
    environ = {"TIPHYS_SERVER__PORT": "2", "TIPHYS_SERVER__HOST": "b", "PATH": "/bin"}
    settings, listed = resolve_settings(file, environ, {"server.port": 3})
    assert (settings.server.host, settings.server.port, settings.server.auth_mode) == ("b", 3, "none")
    assert settings.data_dir == Path("/file")
    origins = {setting.key: setting.origin for setting in listed}
    assert [origins[f"server.{name}"] for name in ("auth_mode", "host", "port")] == [
        "file",
        "environment",
        "command line",
    ]
    assert origins["store.url"] == "default"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("TIPHYS_EXECUTOR__GRACE_S", "2.5", ("executor", "grace_s", 2.5)),
        ("TIPHYS_EXECUTOR__GRACE_S", "3", ("executor", "grace_s", 3.0)),
        ("TIPHYS_EXECUTOR__PARALLELISM", " 4 ", ("executor", "parallelism", 4)),
        ("TIPHYS_REMEDIATION__CATALOG", "x.yaml", ("remediation", "catalog", "x.yaml")),
    ],
)
def test_the_environment_is_read_as_what_is_wanted(name: str, text: str, value: tuple[str, str, object]):
    settings, _ = resolve_settings({}, {name: text})
    section, field, expected = value
    assert getattr(getattr(settings, section), field) == expected


def test_the_data_directory_is_known_by_its_short_name_too():
    assert resolve_settings({}, {"TIPHYS_DATA": "/d"})[0].data_dir == Path("/d")
    assert resolve_settings({}, {"TIPHYS_DATA": "/d", "TIPHYS_DATA_DIR": "/e"})[0].data_dir == Path("/e")


def test_images_are_settings_by_name():
    image = {"command": ["sh"], "args": ["-c"], "env": {"A": "1"}}
    settings, _ = resolve_settings({"images": {"busybox:1.36": image, "x": {}}}, {})
    assert settings.images["busybox:1.36"] == ImageSettings(("sh",), ("-c",), {"A": "1"})
    assert settings.images["x"] == ImageSettings()
    with pytest.raises(TypeError):
        settings.images["y"] = ImageSettings()
    from_text, _ = resolve_settings({}, {"TIPHYS_IMAGES": '{"x": {"command": ["true"]}}'})
    assert from_text.images["x"].command == ("true",)


@pytest.mark.parametrize(
    ("file", "environ", "overrides", "message"),
    [
        ({"server": {"prot": 1}}, {}, {}, "unknown setting server.prot (file) (did you mean server.port?)"),
        ({"sever": {"port": 1}}, {}, {}, "unknown setting sever (file) (did you mean "),
        (
            {},
            {"TIPHYS_SERVER__PROT": "1"},
            {},
            "TIPHYS_SERVER__PROT (environment) (did you mean server.port?)",
        ),
        ({}, {}, {"zzz": 1}, "unknown setting zzz (command line) (known sections: data_dir, "),
        ({"server": {"port": "1"}}, {}, {}, "server.port: a whole number is wanted, not '1' (file)"),
        ({"server": {"port": True}}, {}, {}, "server.port: a whole number is wanted, not True (file)"),
        ({"server": {"port": 1.5}}, {}, {}, "a whole number is wanted, not 1.5"),
        ({"server": {"host": 5}}, {}, {}, "text is wanted, not 5, put it in quotes"),
        ({"server": {"auth_mode": "nobody"}}, {}, {}, "one of 'token', 'none' is wanted, not 'nobody'"),
        ({"server": 5}, {}, {}, "server: a mapping is wanted (file) (server is a section)"),
        ({"data_dir": 5}, {}, {}, "a path is wanted, not 5"),
        ({"executor": {"grace_s": "long"}}, {}, {}, "a number is wanted, not 'long'"),
        ({}, {"TIPHYS_EXECUTOR__GRACE_S": "long"}, {}, "a number is wanted, not 'long' (environment)"),
        ({"images": ["a"]}, {}, {}, "a mapping is wanted, not ['a']"),
        ({"images": {"a": 5}}, {}, {}, "a mapping is wanted, not 5"),
        ({"images": {"a": {"cmd": []}}}, {}, {}, "unknown key 'cmd', known are command, args, env"),
        ({"images": {"a": {"command": "sh -c"}}}, {}, {}, "a list is wanted, not 'sh -c'"),
        ({"images": {"a": {"env": {"A": 1}}}}, {}, {}, "text is wanted, not 1, put it in quotes"),
        ({}, {"TIPHYS_IMAGES": "x"}, {}, "a mapping as JSON is wanted, not 'x'"),
    ],
)
def test_bad_keys_and_values_are_refused(
    file: dict[str, object], environ: dict[str, str], overrides: dict[str, object], message: str
):
    with pytest.raises(InvalidManifest) as caught:
        resolve_settings(file, environ, overrides)
    assert message in str(caught.value)


def test_all_mistakes_are_named_at_once():
    with pytest.raises(InvalidManifest) as caught:
        resolve_settings({"server": {"port": "x"}, "foo": 1}, {"TIPHYS_A__B": "1"})
    assert len(caught.value.problems) == 3


def test_an_empty_section_is_no_mistake():
    assert resolve_settings({"server": None, "store": {}}, {})[0] == Settings()
