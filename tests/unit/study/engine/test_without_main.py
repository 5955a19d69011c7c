"""Workers do not run the script that asks for them."""

from __future__ import annotations

import subprocess
import sys
from multiprocessing import spawn

import pytest

from dcsim.study.engine.without_main import without_main

SCRIPT = """
print("the script runs")
from dcsim.study.engine.engine import Engine, run_jobs
from dcsim.study.engine.jobs import Job
jobs = [Job("a", b"rack"), Job("b", b"hall")]
outcomes = list(run_jobs(jobs, bytes.upper, Engine(workers=2)))
print(sorted(outcome.data for outcome in outcomes))
"""


@pytest.mark.parametrize("how", ["script", "standard input"])
def test_a_script_without_a_guard_may_ask_for_workers(tmp_path, how):
    pytest.importorskip("distributed")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    words, text = ([str(script)], None) if how == "script" else (["-"], SCRIPT)
    done = subprocess.run(
        [sys.executable, *words],
        check=False,
        input=text,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["the script runs", "[b'HALL', b'RACK']"]


def test_it_holds_until_the_last_one_is_done():
    usual = spawn.get_preparation_data
    with without_main():
        with without_main():
            pass
        told = spawn.get_preparation_data("worker")
        assert told["name"] == "worker"
        assert not any(key.startswith("init_main") for key in told)
    assert spawn.get_preparation_data is usual
