from __future__ import annotations

import json

import pytest

from dcsim.study.records.case import (
    Case,
    Resolved,
    Unit,
    digest_of,
    missing_units,
    split_key,
    unit_key,
)

CASE = Case("slip=6-months", {"a": 1, "b": {"c": 2}}, {"slip": "6 months"})


def ranges(units):
    return [(unit.first, unit.last) for unit in units]


def test_the_digest_ignores_the_order_of_keys_and_the_name_of_the_case():
    other = Case("another", {"b": {"c": 2}, "a": 1}, {"slip": "half a year"})
    assert other.digest == CASE.digest
    shared = Case("shared", Resolved({"a": 1, "b": {"c": 2}}))
    assert shared.digest == CASE.digest


@pytest.mark.parametrize(
    "change",
    [
        {"resolved": {"a": 2}},
        {"quantiles": {"a": 0.5}},
        {"file_digests": {"prices.csv": "0"}},
        {"model": "0.2"},
        {"profile": "py3.12"},
    ],
)
def test_everything_that_results_depend_on_enters_the_digest(change):
    assert Case(**{"id": CASE.id, "resolved": CASE.resolved, **change}).digest != CASE.digest


def test_the_paths_of_files_do_not_enter_the_digest():
    moved = Case(CASE.id, CASE.resolved, CASE.parameters, files={"prices.csv": "/elsewhere"})
    assert moved.digest == CASE.digest


def test_the_name_of_a_unit_gives_back_its_parts():
    key = Unit(CASE, 1, 10).key
    assert key == f"{CASE.digest}.000001-000010" == unit_key(CASE.digest, 1, 10)
    assert split_key(key) == (CASE.digest, 1, 10)
    assert split_key(unit_key(CASE.digest, 0, 1234567)) == (CASE.digest, 0, 1234567)


@pytest.mark.parametrize("name", ["", "a.1-2", f"{'0' * 64}.1", f"{'0' * 64}.1-x", "0" * 64])
def test_another_name_is_refused(name):
    with pytest.raises(ValueError, match="names no unit"):
        split_key(name)


def test_the_payload_holds_the_scenario_and_the_options():
    payload = json.loads(Unit(CASE, 3, 5).payload(cache_stages=True))
    assert payload["resolved"] == CASE.resolved
    assert (payload["first"], payload["last"]) == (3, 5)
    assert (payload["cache_stages"], payload["compiled"]) == (True, False)


def test_units_lie_on_a_grid_so_that_a_longer_study_finds_those_of_a_shorter_one():
    assert ranges(missing_units(CASE, (1, 25), [], block=10)) == [(1, 10), (11, 20), (21, 25)]
    assert ranges(missing_units(CASE, (1, 30), [(1, 10), (11, 20)], block=10)) == [(21, 30)]
    assert ranges(missing_units(CASE, (1, 30), [(21, 25)], block=10)) == [
        (1, 10), (11, 20), (26, 30),
    ]  # fmt: skip


def test_the_single_run_is_a_unit_of_its_own():
    assert ranges(missing_units(CASE, (0, 3), [], block=10)) == [(0, 0), (1, 3)]


def test_the_hash_of_plain_data_is_that_of_its_sorted_json():
    import hashlib

    text = '{"a":1,"b":[1.5,null]}'
    assert digest_of({"b": [1.5, None], "a": 1}) == hashlib.sha256(text.encode()).hexdigest()
