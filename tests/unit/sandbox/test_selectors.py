import pytest

from tiphys.sandbox import selectors
from tiphys.sandbox.statuses import ApiError

LABELS = {"app": "web", "tier": "front", "example.org/team": "a"}


@pytest.mark.parametrize(
    "text", ["=x", "a in (", "a in x", "a==b==c", "a b", "-a", "a=-b", ",", "a,", "a=b,,c", "a=b;c=d"]
)
def test_what_is_no_selector_is_refused(text: str):
    with pytest.raises(ApiError) as raised:
        selectors.parse_labels(text)
    assert raised.value.code == 400


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier=front", True),
        ("app=web,tier=back", False),
        ("app!=web", False),
        ("other!=web", True),
        ("app in (web, api)", True),
        ("app notin (web,api)", False),
        ("other notin (web)", True),
        ("example.org/team", True),
        ("!app", False),
        ("! other", True),
        ("app in (web),tier notin (back)", True),
        ("app=", False),
    ],
)
def test_a_selector_matches_labels(text: str, matches: bool):  # noqa: FBT001 - a table's column
    assert selectors.match_labels(selectors.parse_labels(text), LABELS) is matches


def test_a_selector_object_means_the_same():
    requirements = selectors.parse_selector_object(
        {
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["front"]},
                {"key": "old", "operator": "DoesNotExist"},
            ],
        }
    )
    assert selectors.match_labels(requirements, LABELS)
    assert not selectors.match_labels(requirements, {**LABELS, "old": ""})


def test_a_field_selector_looks_into_the_object():
    pod = {"metadata": {"name": "a"}, "status": {"phase": "Running"}}
    assert selectors.match_fields("status.phase=Running,metadata.name!=b", pod)
    assert not selectors.match_fields("status.phase=Pending", pod)
    assert not selectors.match_fields("spec.nodeName=x", pod)
    with pytest.raises(ApiError):
        selectors.match_fields("status.phase", pod)
