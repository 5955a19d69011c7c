"""Untrusted input: scenarios are read as data or refused in one message, whatever they hold."""

from __future__ import annotations

import copy
import csv
import json
import os
import random
import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli import main
from dcsim.errors import Problem, ScenarioError, printable
from dcsim.pipeline import simulate
from dcsim.results.run_folder import ledger_csv, yaml_text
from dcsim.scenario.load import load
from dcsim.scenario.text.document import parse

ROOT = Path(__file__).parents[2]

# Sections that the minimal scenario leaves out, so that every class of the schema meets mutants.
MORE = """
works:
  - {name: permit, finish: 2027-01-20, slip: {chance: {probability: 0.4, then: 1 week}}}
  - {name: grid, after: [permit], duration: {uniform: [1 week, 4 weeks]}, risks: [storm]}
risks: [{name: storm, probability: 10 %, delay: 1 week}]
crews: [{name: riggers, crews: 2}]
fleet:
  {failure_rate: 0.2 1/GPU/year, hands: 25 %, recovery: 2 h, technicians: 2, hands_on: 4 h,
   repair: 4 days, spares: 8, spare_lead_time: 2 weeks}
expansion:
  - name: block
    release: {not_before: 2027-02-01, online: 10 %}
    works: [{name: shell, duration: 1 week}]
    halls: [{name: annex, works: shell, racks: 10, it_power: 1 MW}]
    power: [{name: more, works: shell, adds: 1 MW}]
    orders: [{name: extra, product: server, gpus: 80 GPU, after: shell, lead_time: 1 week}]
electrical: {ups_redundancy: 2, distribution: 1 %}
chp: [{name: next-door, capacity: 2 MW, efficiency: 50 %, carbon: 370 kg/MWh, owner: plant}]
solar: [{name: roof, capacity: 1 MW, price: {2025: 150 KRW/kWh, 2030: 100 KRW/kWh}}]
contracts: [{name: hydro, capacity: 1 MW, renewable: true, price: 90 KRW/kWh, owner: dam}]
batteries: [{name: battery, power: 1 MW, energy: 2 MWh}]
gensets: [{name: diesel, units: 2, unit_power: 2.5 MW, carbon: 700 kg/MWh}]
money:
  price_year: 2026
  discount_rate: 5 %
  rates: {KRW: 1400}
  capital: [{name: land, amount: 1 mn USD, on: 2027-01-10, paid_by: owner}]
  funds: [{name: bank, party: owner, amount: 2 mn USD}]
  costs: {operator: owner, rental: {2027: 2 USD/GPU/h}}
milestones: [{name: first-gpus, metric: gpus_online, gpus: 800 GPU, by: 2027-02-28}]
"""
CONTROLS = {
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "C1 escape": "\x9b2J",
    "direction": "abc\u202edcba",
    "isolate": "\u2066x\u2069",
    "line separator": "a\u2028b",
    "NUL": "a\x00b",
    "backspace": "good\b\b\b\bevil",
    "carriage return": "good\revil",
}
SPEECH = {
    "log command": "::error::owned",
    "log command after spaces": "   ::add-mask::x",
    "old log command": "x ##[error]owned",
    "other log command": "##vso[task.setvariable]x",
    "math": "$\\frac{1}{0}$ $$",
    "formula": "=cmd|'/C calc'!A0",
    "formula with plus": "+1+1",
    "formula with at": "@SUM(1)",
    "formula with minus": "-1-1",
    "markup": "<script>alert(1)</script>",
    "quote": "\"';--",
    "template": "{{7*7}} ${HOME} %s {0}",
    "hidden joiner": "a\u200db",
    "long": "x" * 120,
}


@pytest.fixture(scope="module")
def text(minimal_text):
    short = minimal_text.replace("end: 2030-01-01", "end: 2027-03-15")
    return short.replace("26 weeks", "1 week").replace(
        "commissioning: 21 days", "commissioning: 1 day"
    )


@pytest.fixture(scope="module")
def rich(text):
    return parse(text + MORE, "rich.yaml").plain


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def is_plain(output):
    """Tell whether text holds no character but line ends that a terminal obeys."""
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return not any(unicodedata.category(c) in bad for c in output.replace("\n", ""))


def is_inert(output):
    """Tell whether text is plain and gives no command to a log."""
    lines = output.split("\n")
    return is_plain(output) and not (
        any(line.lstrip().startswith("::") for line in lines) or re.search(r"##(vso)?\[", output)
    )


def cli(*arguments):
    result = CliRunner().invoke(main, list(arguments), prog_name="dcsim")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert is_inert(result.stdout)
    assert is_inert(result.stderr)
    return result


@pytest.mark.usefixtures("yaml_reader")
@pytest.mark.parametrize("kind", CONTROLS)
@pytest.mark.parametrize("place", ["name", "key", "label", "party", "description", "discrete"])
def test_a_control_character_is_refused_and_shown_escaped(folder, rich, place, kind):
    bad, plain = CONTROLS[kind], copy.deepcopy(rich)
    if place == "key":
        plain[bad] = 1
    elif place == "label":
        plain["halls"][0]["label"] = bad
    elif place == "party":
        plain["money"]["costs"]["operator"] = bad
    elif place == "discrete":
        plain["description"] = {"discrete": {bad: 0.5, "b": 0.5}}
    else:
        plain[place] = bad
    (folder / "plan.yaml").write_text(json.dumps(plain), encoding="utf-8")
    result = cli("run", "plan.yaml")
    assert result.exit_code == 2
    assert "holds the control character U+" in result.stderr
    assert not (folder / "runs").exists()


def with_speech(rich, speech):
    plain = copy.deepcopy(rich)
    plain |= {"name": speech, "description": f"a\n{speech}"}
    plain["halls"][0]["label"] = speech
    plain["works"][0]["label"] = speech
    plain["milestones"][0]["label"] = speech
    plain["chp"][0]["owner"] = speech
    plain["money"]["capital"][0]["paid_by"] = speech
    plain["money"]["costs"]["operator"] = speech
    plain["sources"] = {"a": {"title": speech}}
    plain["grid"]["carbon"] = {"value": "417 kg/MWh", "source": "a", "note": speech}
    return plain


@pytest.mark.parametrize("kind", SPEECH)
def test_a_name_is_inert_in_the_terminal_and_in_files(folder, rich, kind):
    speech = SPEECH[kind]
    (folder / "plan.yaml").write_text(json.dumps(with_speech(rich, speech)), encoding="utf-8")
    for form in ([], ["--origin"], ["--sources"], ["--json"], ["grid", "--json"]):
        assert cli("show", "plan.yaml", *form).exit_code == 0
    result = cli("run", "plan.yaml", "--out", "out")
    assert result.exit_code == 0
    assert cli("run", "plan.yaml", "--out", "out", "--json").exit_code == 0
    assert load("out/scenario.yaml").site == load("plan.yaml").site
    for path in (folder / "out").glob("*.csv"):
        content = path.read_text(encoding="utf-8")
        assert kind == "hidden joiner" or is_plain(content)
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [c for c in cells if c[:1] in tuple("=+@\t\r")]
        assert not [c for c in cells if c.startswith("-") and not re.fullmatch(r"-[\d.e+-]+", c)]


@pytest.mark.parametrize("kind", ["math", "markup", "template", "quote", "log command"])
def test_a_name_is_inert_in_figures(folder, rich, kind):
    from xml.etree import ElementTree

    (folder / "plan.yaml").write_text(json.dumps(with_speech(rich, SPEECH[kind])), encoding="utf-8")
    result = cli("run", "plan.yaml", "--out", "out", "--plots", "--format", "svg")
    assert result.exit_code == 0
    figures = list((folder / "out").glob("*.svg"))
    assert figures
    for path in figures:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        assert not [e for e in root.iter() if e.tag.rpartition("}")[2].lower() == "script"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "a/b", "a\\b", ".", "..", "~", "C:", "CON", "nul", "a b",
     "-rf", "", "é", "x" * 65, "a.b", "$HOME", "<b>", "a\nb", "a;b", "*", "%00", "::error::x"],
)  # fmt: skip
@pytest.mark.usefixtures("yaml_reader")
@pytest.mark.parametrize("section", ["halls", "contracts", "works"])
def test_a_name_that_could_be_a_path_or_a_command_is_refused(folder, rich, section, name):
    plain = copy.deepcopy(rich)
    plain[section].append({**plain[section][0], "name": name})
    (folder / "plan.yaml").write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load("plan.yaml")
    assert "is not a name" in str(caught.value)
    assert is_inert(str(caught.value))


@pytest.mark.parametrize("name", ["::error::x.yaml", "a\u202eb.yaml", "a\x1b[2Jb.yaml", "=1.yaml"])
def test_the_name_of_a_file_is_inert_in_messages(folder, name):
    (folder / name).write_text("seed: 1\nseed: 2\n", encoding="utf-8")
    (folder / "plan.yaml").write_text(f"extends: {json.dumps(name)}\n", encoding="utf-8")
    assert cli("show", name).exit_code == 2
    assert cli("show", "plan.yaml").exit_code == 2


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "/etc/passwd", "~/x.csv", "https://example.org/x.epw", "sub/../../secret.csv",
     "link.csv", "loop.csv", "pipe.csv", ".", "/dev/zero", "/proc/self/environ", "x" * 5000,
     "\\\\host\\x.csv", "file:///etc/passwd"],
    ids=lambda name: name[:30],
)  # fmt: skip
@pytest.mark.parametrize("place", ["weather", "turbine"])
def test_a_data_file_lies_in_the_root_and_is_a_file(folder, text, place, name):
    (folder / "here").mkdir()
    (folder / "secret.csv").write_text("secret,words\n", encoding="utf-8")
    (folder / "here" / "link.csv").symlink_to(folder / "secret.csv")
    (folder / "here" / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(folder / "here" / "pipe.csv")
    plain = parse(text, "x").plain
    if place == "weather":
        plain["weather"]["file"] = name
    else:
        plain["weather"]["wind"] = {
            "mean": "8 m/s", "height": "100 m", "weibull_shape": 2, "shear": 0.1,
            "monthly_factor": [1] * 12, "memory": "20 h",
        }  # fmt: skip
        turbine = name if name.endswith(".csv") else f"{name}.csv"
        plain["wind"] = [
            {"name": "farm", "capacity": "1 MW", "turbine": turbine, "hub_height": "90 m"}
        ]
    (folder / "here" / "plan.yaml").write_text(json.dumps(plain), encoding="utf-8")
    result = cli("run", "here/plan.yaml")
    assert result.exit_code == 2
    assert "no such file" in result.stderr or "lies outside here" in result.stderr
    assert "secret,words" not in result.stderr


WATCHED = """
import sys
import pint, pvlib, scipy.special
from dcsim.pipeline import simulate
from dcsim.scenario.schema.conversion import registry
from dcsim.scenario.load import load

registry()
calls = ("subprocess", "socket.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork")
seen = []


def watch(event, given):
    if event.startswith(calls):
        seen.append(event)
    if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
        seen.append(f"{event} {given[0]}")


sys.addaudithook(watch)
simulate(load("plan.yaml"), 1)
print([event for event in seen if ".pyc" not in event])
"""


@pytest.mark.usefixtures("yaml_reader")
def test_nothing_is_executed_and_nothing_is_called(folder, rich):
    (folder / "plan.yaml").write_text(json.dumps(with_speech(rich, "${HOME}")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"


SWAPS = [
    "nan", "inf", ".nan", -1, 0, 0.5, 1e30, True, None, "", [], {}, [[]], "x" * 100, "5", "100 MW",
    "-5 MW", "1e400 kW", "0 kW", "-1 h", "1e9 h", "1 kW**9**9**9", "2027-02-29", "9999-12-31",
    "3 USD/GPU", {"value": None}, {"value": 1, "foo": 2}, {"uniform": [1]}, {"2025": 1},
    {"discrete": {"x": 1}}, {"chance": {"probability": 1, "then": "1 h"}},
    {"lognormal": ["1 h", "1e300 h"]},
]  # fmt: skip


def places(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


def holder(plain, path):
    for key in path[:-1]:
        plain = plain[key]
    return plain


def mutants(rich, n):
    """Yield scenarios that differ in one place: left out, repeated, made negative, swapped."""
    generator = random.Random(20_270_101)
    everywhere = list(places(rich))
    for _ in range(n):
        plain, path = copy.deepcopy(rich), generator.choice(everywhere)
        inside, last, way = holder(plain, path), path[-1], generator.random()
        if way < 0.25:
            del inside[last]
        elif way < 0.35 and isinstance(inside, list):
            inside.append(copy.deepcopy(inside[last]))
        elif way < 0.5:
            old = inside[last]
            inside[last] = -old if type(old) in (int, float) else f"-{old}"
        else:
            inside[last] = generator.choice(SWAPS)
        yield path, plain


def test_the_scenario_that_mutants_are_made_of_runs(folder, rich):
    (folder / "plan.yaml").write_text(yaml_text(rich), encoding="utf-8")
    result = simulate(load("plan.yaml"), 1)
    assert result.summary["gpus_online_max"] > 0


def outcome(text, *, simulated):
    """Return what is refused of a scenario, or None if it can be run."""
    Path("plan.yaml").write_bytes(text)
    try:
        scenario = load("plan.yaml")
        if simulated:
            simulate(scenario, 1)
    except ScenarioError as error:
        return error
    return None


@pytest.mark.usefixtures("yaml_reader")
def test_two_hundred_mutants_run_or_are_refused_with_a_place(folder, rich):
    began, n_ran = time.process_time(), 0
    for path, plain in mutants(rich, 200):
        error = outcome(yaml_text(plain).encode(), simulated=n_ran < 30)
        if error is None:
            n_ran += 1
            continue
        assert error.problems, path
        for problem in error.problems:
            assert problem.where.startswith("plan.yaml"), (path, problem)
            assert problem.message, path
            assert is_inert(str(problem)), path
    assert 10 < n_ran < 190
    assert time.process_time() - began < 120


TOKENS = [
    "\t", "\x00", "&a", "*a", "!x", "-", ":", "{", "[", "'", "%", "|", ">", "<<:", "#", "1e999",
    "\r", "\u202e", "\u2028", "\ufeff", "\n---\n",
]  # fmt: skip


def broken_file(raw, generator):
    broken, way, at = bytearray(raw), generator.random(), generator.randrange(len(raw))
    if way < 0.3:
        broken[at] ^= 1 << generator.randrange(8)
    elif way < 0.5:
        del broken[at : at + generator.randrange(1, 40)]
    elif way < 0.8:
        broken[at:at] = f"{generator.choice(TOKENS)} ".encode()
    else:
        del broken[at:]
    return bytes(broken)


@pytest.mark.usefixtures("yaml_reader")
def test_two_hundred_broken_files_are_read_or_refused(folder, text):
    generator = random.Random(7)
    found = [outcome(broken_file(text.encode(), generator), simulated=False) for _ in range(200)]
    told = [str(error) for error in found if error is not None]
    assert 100 < len(told) < 200
    assert all(told)
    assert all(map(is_inert, told))


def test_a_ledger_of_untrusted_input_holds_no_formula():
    ledger = {
        "date": ["2027-01-01"] * 4,
        "party": ["=1+1", "+x", "@y", "-z"],
        "asset": ["a"] * 4,
        "kind": ["k"] * 4,
        "quantity": [-1.5] * 4,
        "unit": ["MWh"] * 4,
        "rate": [2.0] * 4,
        "currency": ["USD"] * 4,
        "amount": [-3.0] * 4,
    }
    rows = list(csv.DictReader(ledger_csv(ledger).splitlines()))
    assert [row["party"] for row in rows] == ["'=1+1", "'+x", "'@y", "'-z"]
    assert {row["quantity"] for row in rows} == {"-1.5"}


def test_a_problem_is_inert_whatever_it_quotes():
    for bad in (*CONTROLS.values(), *SPEECH.values()):
        assert is_inert(str(Problem(bad, bad, bad)))
        assert is_inert(printable(bad))
