"""Shared options: their help texts, and the engine that they describe."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.main import COMMANDS, main
from dcsim.cli.options import (
    FIGURE_FORMATS,
    JSON,
    ROOT,
    SET,
    engine_keywords,
    engine_options,
    json_option,
    root_option,
    set_option,
    store_option,
    variable,
)
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.options import engine_from


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
    store = "Finished. [env var: DCSIM_STORE; default: runs/store]"
    assert store in help_of(store_option("Finished."))
    assert "Here. [env var: DCSIM_STORE]" in help_of(store_option("Here.", default=None))


def test_an_engine_takes_its_options_out_of_all():
    options = {"workers": 3, "cluster": None, "unit_timeout_s": 60.0, "allow_insecure": False}
    options["as_json"] = True
    engine = engine_from(engine_keywords(options), "baseline")
    assert engine == Engine(workers=3, unit_timeout_s=60.0)
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


# Environment ------------------------------------------------------------------------------------


def engine_in(words=(), **variables):
    """Options of the engine that a command gets."""
    got = {}

    @click.command()
    @engine_options
    @store_option("Finished.")
    def command(**options):
        got.update(options)

    done = CliRunner().invoke(command, words, env=variables)
    assert done.exit_code == 0, done.output
    return got


def test_a_variable_gives_an_option_that_is_not_typed():
    got = engine_in(DCSIM_WORKERS="7", DCSIM_STORE="st", DCSIM_UNIT_TIMEOUT="5", DCSIM_CLUSTER="c")
    assert (got["workers"], got["store"], got["unit_timeout_s"]) == (7, Path("st"), 5.0)
    assert got["cluster"] == "c"


def test_what_is_typed_wins_and_an_empty_variable_is_none():
    assert engine_in(["--workers", "2"], DCSIM_WORKERS="7")["workers"] == 2
    assert engine_in(DCSIM_WORKERS="")["workers"] == 1


def test_a_wrong_variable_is_named():
    @click.command()
    @engine_options
    def command(**_):
        raise AssertionError("it must not run")

    done = CliRunner().invoke(command, env={"DCSIM_WORKERS": "many"})
    assert done.exit_code == 2
    assert (
        "Invalid value for '--workers' (env var: 'DCSIM_WORKERS'): 'many' is not a valid"
        in done.output
    )


def test_formats_of_figures_are_a_list():
    @click.command()
    @FIGURE_FORMATS
    def command(formats):
        click.echo(formats)

    done = CliRunner().invoke(command, env={"DCSIM_FIGURE_FORMAT": "svg png"})
    assert done.output == "('svg', 'png')\n"


@pytest.mark.parametrize("name", ["compare", "explain", "check", "sweep"])
def test_an_option_has_the_default_of_the_keyword_it_becomes(name):
    keywords = inspect.signature(getattr(dcsim, name)).parameters
    defaults = {key: one.default for key, one in keywords.items()} | vars(Engine())
    given = {
        option.name: option.default
        for option in main.commands[name].params
        if option.name in defaults and isinstance(option.default, int | float | str)
    }
    assert given
    assert given == {key: defaults[key] for key in given}


def test_only_options_have_variables_and_each_name_means_one_option():
    by_name = {}
    for name in COMMANDS:
        command = main.commands[name]
        for option in getattr(command, "commands", {"": command}).values():
            for parameter in option.params:
                if parameter.envvar is not None:
                    assert isinstance(parameter, click.Option)
                    assert parameter.show_envvar
                    by_name.setdefault(parameter.envvar, set()).add(parameter.opts[0])
    assert by_name == {
        "DCSIM_WORKERS": {"--workers"},
        "DCSIM_CLUSTER": {"--cluster"},
        "DCSIM_UNIT_TIMEOUT": {"--unit-timeout"},
        "DCSIM_STORE": {"--store"},
        "DCSIM_ROOT": {"--root"},
        "DCSIM_FIGURE_FORMAT": {"--format"},
        "DCSIM_NO_CHANCE": {"--no-chance"},
    }


def test_a_cluster_without_encryption_is_allowed_by_hand_alone():
    insecure = [p for p in main.commands["sweep"].params if p.name == "allow_insecure"]
    assert [p.envvar for p in insecure] == [None]


def test_the_settings_of_a_variable_show_it():
    assert variable("STORE") == {"envvar": "DCSIM_STORE", "show_envvar": True}


# Each command ends before it reads anything: none of the inputs is there.
@pytest.mark.parametrize(
    "words",
    [
        ("run", "no.yaml", "--out"),
        ("run", "no.yaml", "--replications", "2", "--out"),
        ("check", "no.yaml", "--junit"),
        ("check", "no.yaml", "--summary"),
        ("size", "no.yaml", "--out"),
        ("explain", "no.yaml", "no.yaml", "--metric", "pue_mean", "--out"),
        ("compare", "no.yaml", "no.yaml", "--out"),
        ("baseline", "pin", "--tolerance", "1 %", "--reason", "x", "--"),
        ("plot", ".", "--out"),
        ("export", ".", "--out"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_every_output_is_tried_before_the_work(cli, tmp_path, words):
    (tmp_path / "file").write_text("")
    more = ("no.yaml", "pue_mean") if words[0] == "baseline" else ()
    for place in (Path("file", "x.png"), Path(os.fsdecode(b"bad\xff"), "x.png")):
        done = cli(*words, str(place), *more)
        assert done.exit_code == 4, done.output
        assert "is not a folder" in done.stderr or "is not UTF-8 text" in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "plan.yaml"]


@pytest.mark.parametrize("option", ["--out", "--root"])
def test_an_empty_path_is_no_path(cli, option):
    done = cli("run", "no.yaml", option, "")
    assert done.exit_code == 2
    assert "is empty; is the variable set" in done.stderr
