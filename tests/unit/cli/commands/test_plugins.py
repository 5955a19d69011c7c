from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main


def output_of(*words):
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_plugins_are_listed_with_their_models(tidal):
    lines = output_of("plugins").splitlines()
    assert lines[0].split() == ["package", "version", "kind", "name", "state"]
    assert [line.split()[3] for line in lines[2:]] == [
        "tidal",
        "chilled-water",
        "hold-charge",
        "import_rise_max_mw",
        "tidal_capacity_mw",
    ]
    assert all(line.startswith("dcsim-tidal  0.1.0") for line in lines[2:])
    assert all(line.endswith("ready") for line in lines[2:])


@pytest.mark.parametrize(
    ("text", "requires", "fault"),
    [
        ("", (), "cannot be imported: AttributeError: module 'surf' has no attribute 'WAVES'"),
        ("WAVES = 1", (), "is int, must be a Metric or a MilestoneMetric of dcsim.plugins"),
        ("WAVES = 1", ("dcsim>99",), "dcsim-surf 0.1.0 needs dcsim >99, and this is dcsim 0.1.0"),
    ],
)
def test_what_is_wrong_with_one_is_said(install_plugin, text, requires, fault):
    entries = {"dcsim.metrics": {"waves_max_mw": "surf:WAVES"}}
    install_plugin("dcsim-surf", {"surf.py": text}, entries, requires=requires)
    (row,) = json.loads(output_of("plugins", "--json"))
    assert row == {
        "package": "dcsim-surf",
        "version": "0.1.0",
        "kind": "metrics",
        "name": "waves_max_mw",
        "fault": fault,
    }


def test_without_any_it_says_so():
    assert output_of("plugins") == "no plug-in is installed\n"
    assert output_of("plugins", "--json") == "[]\n"
