"""Options of the engine: the same limits for Python and for the command line."""

from __future__ import annotations

import pytest

from dcsim.cli.main import main
from dcsim.errors import ScenarioError
from dcsim.limits import MAX_WORKERS
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.options import EngineOptions, engine_from


def test_without_options_the_engine_is_the_usual_one():
    assert engine_from({}, "replicate") == Engine()


def test_options_reach_the_engine():
    options = EngineOptions(
        workers=3, cluster="tls://a:1", unit_timeout_s=None, allow_insecure=True
    )
    assert engine_from(options, "sweep") == Engine(3, "tls://a:1", None, allow_insecure=True)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"workers": 0}, "workers 0: must be a whole number, from 1 to 1,024"),
        ({"workers": 1025}, "workers 1025: must be a whole number, from 1 to 1,024"),
        ({"workers": True}, "workers True: must be a whole number, from 1 to 1,024"),
        ({"workers": "2"}, "workers '2': must be a whole number, from 1 to 1,024"),
        ({"unit_timeout_s": 0}, "unit_timeout_s 0: must be a number above 0"),
        ({"unit_timeout_s": "9"}, "unit_timeout_s '9': must be a number above 0"),
        ({"cluster": 8786}, "cluster 8786: must be the address of a scheduler"),
        ({"allow_insecure": 1}, "allow_insecure 1: must be True or False"),
    ],
)
def test_a_value_outside_its_limits_is_refused(option, message):
    with pytest.raises(ScenarioError) as caught:
        engine_from(option, "replicate")
    assert str(caught.value).startswith(message)


def test_an_unknown_option_is_a_wrong_keyword():
    with pytest.raises(TypeError) as caught:
        engine_from({"worker": 2}, "replicate")
    assert str(caught.value) == (
        "replicate() got an unexpected keyword argument 'worker'; did you mean 'workers'?"
    )
    with pytest.raises(TypeError, match="unexpected keyword argument 'memory_limit'"):
        engine_from({"memory_limit": "1 GiB"}, "sweep")


def test_the_command_line_has_the_same_limit():
    (workers,) = (one for one in main.get_command(None, "run").params if one.name == "workers")
    assert (workers.type.min, workers.type.max) == (1, MAX_WORKERS)
