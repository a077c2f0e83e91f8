from __future__ import annotations

from datetime import timedelta

import pytest

from tiphys.engine import phases
from tiphys.engine.humanize import duration_text
from tiphys.errors import Bug


def test_no_move_leads_out_of_an_end():
    for moves in (phases.NODE_MOVES, phases.WORKFLOW_MOVES):
        for phase in phases.FULFILLED & moves.keys():
            assert moves[phase] == frozenset()


def test_every_phase_that_is_not_an_end_leads_to_all_ends():
    for phase in (phases.PENDING, phases.RUNNING):
        assert phases.NODE_MOVES[phase] >= phases.COMPLETED


def test_an_illegal_move_is_a_bug_that_names_it():
    with pytest.raises(Bug, match="node wf cannot move from phase 'Failed' to 'Running'"):
        phases.check_move(phases.NODE_MOVES, "node wf", phases.FAILED, phases.RUNNING)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "0 seconds"),
        (1, "1 second"),
        (65, "1 minute 5 seconds"),
        (7200, "2 hours 0 minutes"),
        (90000, "1 day 1 hours"),
    ],
)
def test_lengths_of_time_in_argos_words(seconds: float, text: str):
    assert duration_text(timedelta(seconds=seconds)) == text
