"""Shared options: their help texts, and the engine that they describe."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from dcsim.cli.options import (
    JSON,
    ROOT,
    SET,
    engine_of,
    engine_options,
    json_option,
    root_option,
    set_option,
    store_option,
)


def help_of(*decorators) -> str:
    def body(**_):
        raise AssertionError("only its help is read")

    for decorator in decorators:
        body = decorator(body)
    done = CliRunner().invoke(click.command()(body), ["--help"], env={"COLUMNS": "200"})
    return " ".join(done.output.split())


def test_an_override_is_explained_with_an_example_or_without():
    assert "Lay a value on top of the scenario, e.g. --set power.basis=it. May" in help_of(SET)
    assert "Lay a value on top of the scenario. May be repeated." in help_of(set_option())


def test_options_of_one_name_may_say_what_they_mean_to_their_command():
    assert "Print JSON, nothing else." in help_of(JSON)
    assert "--json As a list." in help_of(json_option("As a list."))
    assert "[default: the scenario's folder]" in help_of(ROOT)
    assert "--root PATH Folder that all files must lie in." in help_of(root_option())
    assert "Finished. [default: runs/store]" in help_of(store_option("Finished."))


def test_an_engine_takes_its_options_out_of_all():
    options = {"workers": 3, "cluster": None, "unit_timeout_s": 60.0, "allow_insecure": False}
    options["as_json"] = True
    engine = engine_of(options)
    assert (engine.workers, engine.cluster, engine.unit_timeout_s) == (3, None, 60.0)
    assert options == {"as_json": True}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--workers", "0"), "0 is not in the range"),
        (("--unit-timeout", "0"), "0.0 is not in the range x>0"),
    ],
)
def test_an_engine_without_workers_or_time_is_refused(words, message):
    @click.command()
    @engine_options
    def command(**_):
        raise AssertionError("it must not run")

    done = CliRunner().invoke(command, words)
    assert done.exit_code == 2
    assert message in done.output
