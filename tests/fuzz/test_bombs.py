"""Files that would take all memory or never end are refused in one line, at once.

A bomb that goes off takes minutes or gigabytes. The best of three tries counts, in time of this
process, because other work on the machine slows single ones.
"""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main

pytestmark = pytest.mark.usefixtures("yaml_reader")
ROOT = Path(__file__).parents[2]
MOST_S, MOST_MB, TRIES = 2.0, 300, 3


@pytest.fixture
def place(tmp_path, monkeypatch, minimal_text):
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(minimal_text)
    return tmp_path


def text(minimal, key, value):
    # A section goes with all that is below it.
    rest = re.sub(rf"^{key}:.*\n(?:[ -].*\n)*", "", minimal, flags=re.MULTILINE)
    return f"{rest}{key}: {value}\n"


def deep(n):
    return "a: " + "[" * n + "]" * n


def chain(n):
    for index in range(n):
        Path(f"c{index}.yaml").write_text(f"extends: c{index + 1}.yaml\n")
    Path(f"c{n}.yaml").write_text("name: end\n")
    return "extends: c0.yaml\n"


def parquet(minimal):
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 0.5::DOUBLE AS x, 0.5::DOUBLE AS y FROM range(20000000)) "
            "TO 'p.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    assert Path("p.parquet").stat().st_size < 2_000_000
    plant = "[{name: a, capacity: 1 MW, profile: {file: p.parquet, column: x}}]"
    return text(minimal, "solar", plant)


def zipped(minimal):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.csv", b"0" * 100_000_000)
    Path("w.csv").write_bytes(buffer.getvalue())
    return text(minimal, "weather", "{file: w.csv}")


def pipe(minimal):
    os.mkfifo("w.csv")
    return text(minimal, "weather", "{file: w.csv}")


def device(minimal):
    Path("w.csv").symlink_to("/dev/zero")
    return text(minimal, "weather", "{file: w.csv}")


def folder(minimal):
    Path("w.csv").mkdir()
    return text(minimal, "weather", "{file: w.csv}")


def wide(n):
    return ",".join(f"c{i}" for i in range(n)) + ",x\n" + ("1," * n + "1\n") * 40


READERS = {
    "weather": "read_weather_file(path, 'w.csv', ReadOptions())",
    "power curve": "_read_curve(path, 'w.csv', 'turbine', (0, 0))",
    "profile": "read_profile_rows(path, profile, Faults('w.csv', 'profile'))",
}
"""Readers of tables, each with a way of its own into a file."""
TABLES = {
    "a line of 100 MB": lambda: b"time,x\n2027-01-01," + b"1" * 100_000_000 + b"\n",
    "a line of 50 million cells": lambda: b"time,x\n" + b"," * 50_000_000 + b"\n",
    "ten million short rows": lambda: b"x\n1" + b"\n1" * 10_000_000,
    "100,000 columns": lambda: wide(100_000).encode(),
    "a quote that never closes": lambda: b'time,x\n"2027-01-01' + b",1\n2027-01-02" * 100_000,
    "quotes that never close": lambda: b"time,x\n" + b'"2027-01-01,1\n' * 100_000,
    "a line of quotes": lambda: b"time,x\n" + b'"' * 1_000_000 + b"\n",
}


def orders(minimal, said):
    keys = "product: server, placed: 2027-01-15, lead_time: 26 weeks"
    return text(minimal, "orders", f"[{{name: first, {keys}, {said}}}]")


def halls(n):
    return "[" + ", ".join(f"{{name: h{i}, racks: 1, it_power: 1 MW}}" for i in range(n)) + "]"


BOMBS = {
    "20,000 brackets": lambda m: deep(20_000),
    "1,000 brackets": lambda m: deep(1000),
    "1,000 maps": lambda m: "a: " + "{b: " * 1000 + "1" + "}" * 1000,
    "80,000 keys": lambda m: "".join(f"k{i}: 1\n" for i in range(80_000)),
    "aliases that multiply": lambda m: (
        "a: &a [1, 1]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(30))
    ),
    "merge keys": lambda m: "a: &a {x: 1}\nb: {<<: *a}\n",
    "an integer of 5,000 digits": lambda m: text(m, "seed", "9" * 5000),
    "a key of 40 kB": lambda m: m + "k" * 40_000 + ": 1\n",
    "a string of 50 MB": lambda m: text(m, "description", "x" * 50_000_000),
    "a billion years": lambda m: text(m, "end", "1000002027-01-01"),
    "nine thousand years": lambda m: text(m, "end", "9999-12-31"),
    "sixty years of minutes": lambda m: text(text(m, "end", "2086-12-31"), "step", "1 min"),
    "a step of a millisecond": lambda m: text(m, "step", "1 ms"),
    "a million billion GPUs": lambda m: orders(m, "gpus: 1000000000000000 GPU"),
    "a hundred million racks": lambda m: orders(
        m.replace("server_size: 8 GPU, rack_size: 16 GPU", "server_size: 1 GPU, rack_size: 1 GPU"),
        "gpus: 100000000 GPU",
    ),
    "failures without end": lambda m: text(
        orders(m, "gpus: 15000000 GPU"),
        "fleet",
        "{failure_rate: 100 1/GPU/year, hands: 25 %, recovery: 2 h, technicians: 2, hands_on: 4 h,"
        " repair: 4 days, spares: 8, spare_lead_time: 2 weeks}",
    ),
    "a hundred thousand halls": lambda m: text(m, "halls", halls(100_000)),
    "a chain of 10,000 files": lambda m: chain(10_000),
    "a file on top of itself": lambda m: "extends: plan.yaml\n",
    "a small file of 1.6 GB": parquet,
    "a small archive of 100 MB": zipped,
    "a pipe": pipe,
    "a device": device,
    "a folder": folder,
    "an exponent of exponents": lambda m: text(m, "elevation", "1 m**9**9**9"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_without_end_takes_little_memory(tmp_path, name, reader):
    (tmp_path / "w.csv").write_bytes(TABLES[name]())
    # In a process of its own: memory that others took before would hide what this one takes.
    code = f"""
import resource
from pathlib import Path
from dcsim.errors import ScenarioError
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import read_profile_rows
from dcsim.supply.assets.power_curve import _read_curve
from dcsim.weather.formats.registry import ReadOptions, read_weather_file
path = Path("w.csv")
profile = Profile.model_validate({{"file": "w.csv", "column": "x"}})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    {READERS[reader]}
    print("read")
except ScenarioError as error:
    print("refused", str(error)[:5000])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *output, grown_mb = done.stdout.strip().splitlines()
    # One column of many may be read; a run then says that its rows are too few.
    outcome = "read" if (name, reader) == ("100,000 columns", "profile") else "refused w.csv"
    assert output[0].startswith(outcome)
    assert int(grown_mb) < MOST_MB


def refused_within(most_s, command):
    """Run a command until it takes less than a time, and return what came of it."""
    for _ in range(TRIES):
        began = time.process_time()
        done = CliRunner().invoke(main, command)
        took = time.process_time() - began
        if took < most_s:
            return done
    raise AssertionError(f"{took:.2f} s: {done.output}")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(place, minimal_text, name):
    Path("plan.yaml").write_text(BOMBS[name](minimal_text))
    command = ["run" if name == "a small file of 1.6 GB" else "check", "plan.yaml"]
    CliRunner().invoke(main, ["--help"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # A run builds its timeline before it reads the profile, which is not the file's doing.
    done = refused_within(MOST_S + (2.0 if command[0] == "run" else 0.0), command)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert len(done.output.splitlines()) <= 22
    assert grown_mb < MOST_MB


def test_a_sweep_without_end_is_refused_at_once(place, minimal_text):
    axes = "\n".join(
        f"  - {{name: a{i}, key: halls.hall.racks, values: [{', '.join(map(str, range(1, 101)))}]}}"
        for i in range(10)
    )
    Path("plan.yaml").write_text(minimal_text)
    Path("study.yaml").write_text(f"scenario: plan.yaml\naxes:\n{axes}\n")
    done = refused_within(MOST_S, ["sweep", "study.yaml"])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output


def test_who_means_it_may_run_what_is_large(place, minimal_text):
    from dcsim.scenario.checks import effort as budget
    from dcsim.scenario.load import load

    Path("plan.yaml").write_text(minimal_text)
    assert load("plan.yaml", allow_large=True).site.step_h == 1
    monkey = pytest.MonkeyPatch()
    monkey.setattr(budget, "MOST_STEPS", 100)
    try:
        done = CliRunner().invoke(main, ["run", "plan.yaml", "--out", "o"])
        assert done.exit_code == 2
        assert "26,304 steps" in done.stderr
        assert "--allow-large" in done.stderr
        done = CliRunner().invoke(main, ["run", "plan.yaml", "--out", "o", "--allow-large"])
        assert done.exit_code == 0, done.stderr
    finally:
        monkey.undo()


def test_no_process_and_no_socket_is_opened_by_a_check(place, minimal_text):
    Path("plan.yaml").write_text(
        minimal_text + "expect: [{name: p, metric: pue_mean, at_most: 1.3}]\n"
    )
    code = """
import sys
from click.testing import CliRunner
from dcsim.cli.main import main
CliRunner().invoke(main, ["check", "plan.yaml", "--store", "warm"])
seen = []
watched = ("subprocess", "socket.connect", "socket.bind", "os.system", "os.exec", "os.fork")
sys.addaudithook(lambda event, _: event.startswith(watched) and seen.append(event))
done = CliRunner().invoke(main, ["check", "plan.yaml", "--store", "st"])
assert done.exit_code == 0, done.output
print(seen)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
