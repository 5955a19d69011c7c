from __future__ import annotations

from pathlib import Path

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.checked import CheckOptions, checked_parts
from dcsim.scenario.load import load
from dcsim.scenario.text.named_files import KnownFiles


@pytest.fixture
def node(read, minimal_text):
    text = minimal_text.replace("weather:\n", "weather:\n  file: {discrete: [a.csv, b.csv]}\n")
    return read(text, files={"a.csv": "x", "b.csv": "y"}).node


def parts(node, options, known=()):
    files = {name: Path(name) for name in known}
    return checked_parts(Path("plan.yaml"), node, options, KnownFiles(files))


def test_files_are_found_in_the_root_at_the_median_and_at_every_end(node):
    assert sorted(parts(node, CheckOptions(Path())).files) == ["a.csv", "b.csv"]
    assert sorted(parts(node, CheckOptions(Path(), edges=False)).files) == ["b.csv"]


def test_without_a_root_the_files_must_be_known(node):
    assert sorted(parts(node, CheckOptions(), ("a.csv", "b.csv")).files) == ["a.csv", "b.csv"]
    with pytest.raises(ScenarioError, match=r"b\.csv: no path was given for this file"):
        parts(node, CheckOptions(), ("a.csv",))


def test_no_file_is_looked_up_where_none_need_be_there(node):
    Path("a.csv").unlink()
    assert parts(node, CheckOptions(Path(), files=False)).files == {}


def test_effort_is_refused_unless_it_is_allowed(read, minimal_text):
    Path("large.yaml").write_text(minimal_text.replace("4000 GPU", "40000000 GPU"))
    node = load("large.yaml", allow_large=True).node
    assert parts(node, CheckOptions(large=True)).site.orders[0].gpus == 40_000_000
    with pytest.raises(ScenarioError, match="--allow-large"):
        parts(node, CheckOptions())
