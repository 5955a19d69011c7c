"""Stores: an empty one, and one with twenty units of four cases."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dcsim.study.store.store import ResultStore

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from stored_units import TWENTY, fill


@pytest.fixture
def store(tmp_path):
    with ResultStore.open(tmp_path / "st", create=True) as opened:
        yield opened


@pytest.fixture
def full(store):
    fill(store, TWENTY)
    return store
