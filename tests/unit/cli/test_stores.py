"""Stores as commands name and read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcsim.cli.stores import study_manifest
from dcsim.errors import ModelError


class FakeStore:
    """A store that holds some manifests, and runs without any if `n_keys` says so."""

    path = Path("st")

    def __init__(self, *names, n_keys=0):
        self.names, self.n_keys = names, n_keys

    def manifests(self):
        return list(self.names)

    def manifest(self, name):
        return {"name": name}

    def keys(self):
        return range(self.n_keys)

    def rebuild(self):
        return {"name": "rebuilt"}


def test_the_only_study_need_not_be_named():
    assert study_manifest(FakeStore("a"), None) == {"name": "a"}
    assert study_manifest(FakeStore("a", "b"), "b") == {"name": "b"}


def test_a_lost_manifest_is_rebuilt_from_runs():
    assert study_manifest(FakeStore(n_keys=3), None) == {"name": "rebuilt"}


@pytest.mark.parametrize(
    ("store", "study", "message"),
    [
        (FakeStore(), None, "st: holds no study yet"),
        (FakeStore("a", "b"), None, "st: name one with --study; it holds a, b"),
        (FakeStore("a"), "c", "st: holds no study 'c'; it holds a"),
    ],
)
def test_a_study_that_is_not_there_is_bad_input(store, study, message):
    with pytest.raises(ModelError) as caught:
        study_manifest(store, study)
    assert str(caught.value) == message
