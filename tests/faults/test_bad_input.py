"""One command for each wrong input: a clear message, the right exit code, nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")
MINIMAL = SHIPPED.replace("end: 2030-01-01", "end: 2027-09-01")  # eight months are enough
HEADER = [
    "LOCATION,Nowhere,-,XXX,Made up,000000,35.5,129.3,9.0,20.0",
    "DESIGN CONDITIONS,0",
    "TYPICAL/EXTREME PERIODS,0",
    "GROUND TEMPERATURES,0",
    "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
    "COMMENTS 1,made for tests",
    "COMMENTS 2,",
    "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
]
WORKS = """
works:
  - {name: a, after: [b], duration: 3 weeks}
  - {name: b, after: [a], duration: 3 weeks}
"""


def epw_lines():
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    for month, n_days in enumerate(lengths, start=1):
        for day in range(1, n_days + 1):
            for hour in range(1, 25):
                row = ["1999", str(month), str(day), str(hour), "60", "?", "12.0", "1.0", "50"]
                row += ["101000", "0", "0", "300", "0", "0", "0", "0", "0", "0", "0", "180", "3.5"]
                row += ["5", "5", "10", "1000", "9", "999999999", "10", "0.1", "0", "88", "0.2"]
                yield ",".join([*row, "0", "0"])


def run(tmp_path, text, *options, epw=None):
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(text, encoding="utf-8")
    if epw is not None:
        (tmp_path / "year.epw").write_bytes(epw)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dcsim", "run", str(scenario), "--out", str(out), *options]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    return done, out


def weather_file(lines):
    return "\r\n".join([*HEADER, *lines]).encode()


def changed(old, new):
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


WRONG = {
    "unknown key": (changed("racks: 400", "racks: 400, rackz: 400"), "did you mean racks?"),
    "wrong unit": (changed("adds: 10 MW", "adds: 10 MWh"), "is not a quantity in MW"),
    "negative value": (changed("lead_time: 26 weeks", "lead_time: -26 weeks"), "at least 0 h"),
    "missing value": (changed("slots: 40, ", ""), "deployment.slots: is missing"),
    "nan": (changed("design_pue: 1.2", "design_pue: .nan"), "not a finite number"),
    "date out of order": (changed("end: 2027-09-01", "end: 2026-01-01"), "is not after start"),
    "cycle of works": (MINIMAL + WORKS, "in a circle"),
    "no such product": (changed("product: server,", "product: sever,"), "did you mean server?"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_scenario_is_one_clear_message(tmp_path, name):
    text, message = WRONG[name]
    done, out = run(tmp_path, text)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert message in line
    assert line.startswith(f"{tmp_path}/scenario.yaml:")
    assert not done.stdout
    assert not out.exists()


ROWS = list(epw_lines())
HOLE = [*ROWS[:999], ROWS[999].replace("12.0", "99.9"), *ROWS[1000:]]
LOST = [*ROWS[:2000], *ROWS[2001:]]
BAD_FILES = {
    "truncated": (
        weather_file(ROWS[:5000]),
        "year.epw:5008: weather.file: ends after 5000 rows of data",
    ),
    "cut within a row": (weather_file(ROWS)[:-60], "year.epw:8768: weather.file: row 8760 has"),
    "a row lost": (
        weather_file(LOST),
        "year.epw:2009: weather.file: the time leaves a gap of 1 h before this row",
    ),
    "no text": (
        weather_file(ROWS).replace(b"Nowhere", b"Nowhere\0\xff\xfe"),
        "year.epw:1: weather.file: is no text",
    ),
    "a hole": (
        weather_file(HOLE),
        "year.epw:1008: weather.file: column dry bulb temperature has no value",
    ),
    "no weather": (b"root:x:0:0:secret\n" * 9000, "year.epw:1: weather.file: must begin with"),
    "empty": (b"", "year.epw:1: weather.file: must begin with"),
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_wrong_weather_file_is_one_clear_message(tmp_path, name):
    text = changed("weather:\n", "weather:\n  file: year.epw\n")
    content, message = BAD_FILES[name]
    done, out = run(tmp_path, text, epw=content)
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if not line.endswith(" s")]
    assert len(told) == 1
    assert told[0].startswith(message)
    assert "secret" not in done.stderr
    assert not done.stdout
    assert not out.exists()


def test_a_right_weather_file_runs(tmp_path):
    text = changed("weather:\n", "weather:\n  file: year.epw\n")
    done, out = run(tmp_path, text, epw=weather_file(ROWS))
    assert done.returncode == 0, done.stderr
    assert (out / "summary.json").is_file()


def test_a_file_outside_the_root_is_refused_and_not_quoted(tmp_path):
    text = changed("weather:\n", "weather:\n  file: /etc/passwd\n")
    done, out = run(tmp_path, text)
    assert done.returncode == 2
    assert "--root" in done.stderr
    assert "root:" not in done.stderr
    assert not out.exists()


def test_an_output_in_the_place_of_a_file_is_refused_before_the_run(tmp_path):
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    done, _ = run(tmp_path, MINIMAL)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "ramp" not in done.stderr
    assert (tmp_path / "out").read_text(encoding="utf-8") == "in the way"


def test_an_output_below_a_file_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    done, _ = run(tmp_path, MINIMAL, "--out", str(tmp_path / "file" / "runs" / "a"))
    assert done.returncode == 4
    [line] = done.stderr.splitlines()
    assert line.endswith("file is not a folder")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def own_mounts(*command):
    """Run a command where it may mount, in mount and user namespaces of its own; or skip."""
    isolated = ["unshare", "--mount", "--map-root-user"]
    try:
        subprocess.run([*isolated, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system gives no mounts to tests")
    return subprocess.run(
        [*isolated, *command], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )


@pytest.mark.parametrize("size", ["16k", "64k"])
def test_a_full_disk_leaves_nothing_behind(tmp_path, size):
    (tmp_path / "scenario.yaml").write_text(MINIMAL, encoding="utf-8")
    (tmp_path / "disk").mkdir()
    script = (
        f"mount -t tmpfs -o size={size} none {tmp_path}/disk\n"
        f"{sys.executable} -m dcsim run {tmp_path}/scenario.yaml --out {tmp_path}/disk/out\n"
        f"code=$?; ls -A {tmp_path}/disk; exit $code"
    )
    done = own_mounts("sh", "-c", script)
    assert done.returncode == 4
    last = done.stderr.splitlines()[-1]
    assert last == f"{tmp_path}/disk/out: cannot be written: No space left on device"
    assert not done.stdout


def test_a_disk_that_may_only_be_read_is_refused_before_the_run(tmp_path):
    (tmp_path / "scenario.yaml").write_text(MINIMAL, encoding="utf-8")
    (tmp_path / "disk").mkdir()
    script = (
        f"mount -t tmpfs -o ro none {tmp_path}/disk\n"
        f"{sys.executable} -m dcsim run {tmp_path}/scenario.yaml --out {tmp_path}/disk/out"
    )
    done = own_mounts("sh", "-c", script)
    assert done.returncode == 4
    [line] = done.stderr.splitlines()
    assert line == f"{tmp_path}/disk/out: cannot be written: no permission in {tmp_path}/disk"


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("dear", encoding="utf-8")
    done, out = run(tmp_path, MINIMAL)
    assert done.returncode == 4
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_second_run_replaces_the_first_whole(tmp_path):
    for _ in range(2):
        done, out = run(tmp_path, MINIMAL)
        assert done.returncode == 0, done.stderr
    assert (out / "summary.json").is_file()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
