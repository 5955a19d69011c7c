"""The table of GPU states adds up, and everything that names states reads it."""

from __future__ import annotations

import re
from collections import Counter

from dcsim.gpu_states import (
    CAUSE_COLORS,
    CAUSES,
    GPU_STATES,
    IN_SERVICE,
    LIFTABLE,
    OUTSIDE,
    STATE,
    STATES,
    WAITING,
)
from dcsim.plots import style


def test_each_state_has_exactly_one_row() -> None:
    assert Counter(STATES).most_common(1)[0][1] == 1
    assert [STATES[STATE[name]] for name in STATES] == list(STATES)
    assert OUTSIDE not in STATE.values()


def test_states_keep_the_indices_that_run_folders_store() -> None:
    stored = (
        "on_order hall_works hall_space crew installing grid_works power cooling slot "
        "commissioning online recovering failed in_repair retired"
    )
    assert " ".join(STATES).startswith(stored)


def test_every_state_but_online_and_retired_has_a_cause_of_its_own() -> None:
    assert set(STATES) - set(CAUSES) == {"online", "retired"}
    assert len(set(CAUSES.values())) == len(CAUSES)


def test_every_cause_has_a_color_of_its_own() -> None:
    assert list(CAUSE_COLORS) == list(CAUSES)
    assert len(set(CAUSE_COLORS.values())) == len(CAUSES)
    assert all(re.fullmatch(r"#[0-9A-F]{6}", color) for color in CAUSE_COLORS.values())


def test_strong_colors_are_those_of_the_figures() -> None:
    assert CAUSE_COLORS["grid_works"] == style.BLUE
    assert CAUSE_COLORS["hall_works"] == style.VERMILION
    assert CAUSE_COLORS["failed"] == style.DARK_GRAY


def test_a_gpu_waits_before_it_is_in_service_and_never_both() -> None:
    waits = {"hall_works", "hall_space", "crew", "grid_works", "power", "cooling", "slot"}
    assert waits <= set(WAITING)
    assert not set(WAITING) & set(IN_SERVICE)
    assert IN_SERVICE == ("online", "recovering", "failed", "in_repair")


def test_every_wait_is_lifted_by_a_constraint_and_every_constraint_lifts_a_state() -> None:
    assert {state.lifted_by for state in GPU_STATES if state.lifted_by} == set(LIFTABLE)
    assert all(state.lifted_by for state in GPU_STATES if state.waiting)
    assert [state.name for state in GPU_STATES if state.lifted_by and not state.cause] == []
