import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.sandbox import rollout
from tiphys.sandbox.rollout import Group


def spec(replicas: int, surge: int | str = "25%", unavailable: int | str = "25%", kind: str = "RollingUpdate"):
    limits = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"replicas": replicas, "strategy": {"type": kind, "rollingUpdate": limits}}


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (3, "25%", "25%", (1, 0)),
        (10, "25%", "25%", (3, 2)),
        (4, 0, 0, (0, 1)),
        (1, 1, "50%", (1, 0)),
        (0, "25%", 0, (0, 1)),
    ],
)
def test_shares_are_rounded_towards_more_pods(replicas, surge, unavailable, expected):
    assert rollout.limits(spec(replicas, surge, unavailable)) == expected


def test_a_recreation_waits_until_every_old_pod_is_gone():
    recreate = spec(2, kind="Recreate")
    assert rollout.choose_replicas(recreate, Group("new", 0, 0, 0), [Group("old", 2, 2, 2)]) == {"new": 0, "old": 0}
    assert rollout.choose_replicas(recreate, Group("new", 0, 0, 0), [Group("old", 0, 1, 0)]) == {"new": 0, "old": 0}
    assert rollout.choose_replicas(recreate, Group("new", 0, 0, 0), [Group("old", 0, 0, 0)]) == {"new": 2, "old": 0}


def test_a_release_that_never_becomes_ready_stops_the_rollout():
    chosen = rollout.choose_replicas(spec(3), Group("new", 1, 1, 0), [Group("old", 3, 3, 3)])
    assert chosen == {"new": 1, "old": 3}


def test_broken_old_pods_go_first():
    chosen = rollout.choose_replicas(spec(3), Group("new", 1, 1, 1), [Group("broken", 1, 1, 0), Group("old", 2, 2, 2)])
    assert chosen == {"new": 1, "broken": 0, "old": 2}


def test_the_hash_of_a_template_ignores_its_own_label():
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": []}}
    marked = {"metadata": {"labels": {"app": "a", rollout.HASH_LABEL: "x"}}, "spec": {"containers": []}}
    other = {"metadata": {"labels": {"app": "b"}}, "spec": {"containers": []}}
    assert rollout.template_hash(template) == rollout.template_hash(marked) != rollout.template_hash(other)


@given(
    replicas=st.integers(0, 12),
    surge=st.one_of(st.integers(0, 4), st.sampled_from(["0%", "25%", "100%"])),
    unavailable=st.one_of(st.integers(0, 4), st.sampled_from(["0%", "25%", "100%"])),
    old=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=3),
    unready=st.integers(0, 3),
)
def test_a_rollout_ends_and_never_leaves_its_limits(replicas, surge, unavailable, old, unready):
    """New pods become ready after `unready` more rounds; availability never falls below what it may, by our doing."""
    wanted = spec(replicas, surge, unavailable)
    most, fewest = replicas + rollout.limits(wanted)[0], replicas - rollout.limits(wanted)[1]
    groups = {f"old-{at}": Group(f"old-{at}", count, count, min(ready, count)) for at, (count, ready) in enumerate(old)}
    new, waits = Group("new", 0, 0, 0), unready
    for _ in range(60 * (unready + 1)):
        chosen = rollout.choose_replicas(wanted, new, list(groups.values()))
        total = sum(group.wanted for group in groups.values()) + new.wanted
        assert sum(chosen.values()) <= max(most, total)
        available = new.available + sum(group.available for group in groups.values())
        groups = {
            name: Group(name, chosen[name], chosen[name], min(group.available, chosen[name]))
            for name, group in groups.items()
        }
        remaining = min(new.available, chosen["new"]) + sum(group.available for group in groups.values())
        assert remaining >= min(available, fewest)
        waits = waits - 1 if waits else unready
        ready = chosen["new"] if not waits else min(new.available, chosen["new"])
        new = Group("new", chosen["new"], chosen["new"], ready)
    assert new.wanted == new.available == replicas
    assert not any(group.wanted for group in groups.values())
