from __future__ import annotations

import logging
import subprocess
import sys

import pytest

import dcsim
from dcsim.log import logger_of, timed


@pytest.fixture
def scenario(scenarios):
    def shortened(end: str):
        return dcsim.load(scenarios / "minimal.yaml", overrides=[f"end={end}"])

    return shortened


def test_loggers_stand_below_that_of_the_package():
    assert logger_of("dcsim.pipeline").parent is logging.getLogger("dcsim")
    handlers = logging.getLogger("dcsim").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


def test_a_step_is_logged_with_its_seconds(caplog):
    with caplog.at_level(logging.DEBUG, "dcsim"), timed(logger_of("dcsim.x"), logging.INFO, "a"):
        pass
    (first, begins), (second, took) = [(one.levelname, one.message) for one in caplog.records]
    assert (first, begins, second) == ("DEBUG", "a begins", "INFO")
    assert took.startswith("a took 0.0")


def test_a_step_that_fails_has_no_seconds(caplog):
    with (
        caplog.at_level(logging.INFO, "dcsim"),
        pytest.raises(ValueError, match="no"),
        timed(logger_of("dcsim.x"), logging.INFO, "a"),
    ):
        raise ValueError("no")
    assert caplog.records == []


def test_a_run_tells_of_its_files_and_stages(caplog, scenario, tmp_path):
    with caplog.at_level(logging.INFO, "dcsim"):
        dcsim.simulate(scenario("2027-03-01")).save(tmp_path / "run")
        dcsim.read_run(tmp_path / "run")
    lines = [record.message.partition(" took ")[0] for record in caplog.records]
    assert lines[0].startswith("reading ")
    assert lines[0].endswith("minimal.yaml")
    assert lines[1:6] == ["ramp", "weather", "power", "supply", "accounts"]
    assert lines[6] == f"wrote 6 files to {tmp_path / 'run'}"
    assert lines[-1] == f"read the run in {tmp_path / 'run'}"


def test_nothing_is_logged_by_the_hour_or_by_the_event(caplog, scenario):
    counts = []
    for end in ("2027-03-01", "2029-03-01"):
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "dcsim"):
            dcsim.simulate(scenario(end))
        counts.append(len(caplog.records))
    assert counts[0] == counts[1] < 30


def test_a_cached_stage_and_a_cached_profile_are_told(caplog, scenarios):
    from dcsim.stage_cache import StageCache

    scenario = dcsim.load(scenarios / "ulsan-103mw.yaml", overrides=["end=2031-01-01"])
    cache = StageCache(10**9)
    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "dcsim"):
            dcsim.simulate(scenario, stage_cache=cache)
    lines = [record.message for record in caplog.records]
    assert "weather is in the stage cache" in lines
    assert any(line.startswith("a profile is in the profile cache") for line in lines)


def test_a_program_without_logging_prints_nothing(scenarios):
    script = (
        "import dcsim, dcsim.pipeline\n"
        f"dcsim.load({str(scenarios / 'minimal.yaml')!r})\n"
        "dcsim.pipeline._LOG.warning('unit lost')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
