from __future__ import annotations

import json
import shutil

import pytest

STUDY = """name: little
scenario: site.yaml
replications: 3
grid:
  deployment.crews: [1, 2]
  power.design_pue: [1.2, 1.3]
"""


@pytest.fixture
def study(folder, scenarios):
    shutil.copy(scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml", "site.yaml")
    (folder / "study.yaml").write_text(STUDY)
    return folder / "study.yaml"


@pytest.fixture
def swept(cli, study):
    assert cli("sweep", "study.yaml", "--store", "st").exit_code == 0
    return study.with_name("st")


def test_a_sweep_tells_what_differs_and_writes_tables(cli, study):
    result = cli("sweep", "study.yaml", "--store", "st", "--plots")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[1].split()[:2] == ["case", "runs"]
    assert lines[3].startswith("deployment.crews=1,power.design_pue=1.2")
    assert "12 runs computed" in result.stdout
    assert "little: 12 of 12 runs" in result.stderr
    names = {path.name for path in study.with_name("st").glob("*.*")}
    assert {"runs.parquet", "series.parquet", "heat_map_milestone.gpus-1200.png"} <= names


def test_a_sweep_given_again_computes_nothing(cli, swept):
    said = json.loads(cli("sweep", "study.yaml", "--store", "st", "--json").stdout)
    assert (said["computed"], said["found"], said["total"]) == (0, 12, 12)


def test_resume_needs_a_store(cli, study):
    result = cli("sweep", "study.yaml", "--store", "none", "--resume")
    assert result.exit_code == 2
    assert "no store to resume" in result.stderr


def test_two_shards_merged_have_the_digest_of_the_whole(cli, swept):
    for part in ("1", "2"):
        done = cli("sweep", "study.yaml", "--shard", f"{part}/2", "--store", f"part{part}")
        assert done.exit_code == 0
    assert cli("merge", "all", "part1", "part2").exit_code == 0
    digests = {json.loads(cli("status", name, "--json").stdout)["digest"] for name in ("st", "all")}
    assert len(digests) == 1


def test_a_failed_case_is_told_and_exits_with_3(cli, study, monkeypatch):
    from dcsim.errors import ModelError
    from dcsim.study.engine import unit_job

    measure = unit_job.measure

    def breaking(run):
        if run.plan.replication == 2:
            raise ModelError("the hall is too small")
        return measure(run)

    monkeypatch.setattr(unit_job, "measure", breaking)
    assert cli("sweep", "study.yaml", "--store", "st").exit_code == 3
    status = cli("status", "st")
    assert "4 failed" in status.stdout
    assert "the hall is too small" in status.stdout
    monkeypatch.setattr(unit_job, "measure", measure)
    assert cli("sweep", "study.yaml", "--store", "st", "--retry-failed").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workers", "0"), "0 is not in the range"),
        (("--shard", "3/2"), "write it as I/K"),
        (("--cluster", "login1:8786"), "write tls://HOST:PORT"),
        (("--cluster", "tcp://login1:8786"), "use tls://"),
    ],
)
def test_a_wrong_option_of_a_sweep_says_what_to_write(cli, study, arguments, message):
    result = cli("sweep", "study.yaml", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_misspelled_key_of_a_study_is_named_with_its_line(cli, study):
    study.write_text(STUDY.replace("deployment.crews", "deployment.crws"))
    result = cli("sweep", "study.yaml")
    assert result.exit_code == 2
    assert result.stderr == (
        "study.yaml:5: grid.deployment.crws: not a key of deployment; did you mean crews?\n"
    )


def test_a_folder_that_is_no_store_is_an_error_of_the_place(cli, folder):
    (folder / "other").mkdir()
    result = cli("status", "other")
    assert (result.exit_code, result.stderr) == (
        4,
        "other: is no store: it holds no folder 'cases'\n",
    )


def test_a_question_in_sql_is_answered_from_all_cases(cli, swept):
    sql = 'select "power.design_pue" as pue, count(*) as n from runs group by 1 order by 1'
    lines = cli("query", "st", sql).stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["pue", "n"],
        ["---", "-"],
        ["1.2", "6"],
        ["1.3", "6"],
    ]


@pytest.mark.parametrize(
    "sql", ["drop table runs", "copy (select 1) to 'x.csv'", "select 1; select 2", "selec 1", ""]
)
def test_sql_that_only_asks_is_all_that_is_taken(cli, swept, sql):
    result = cli("query", "st", sql)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) >= 1
    assert not swept.with_name("x.csv").exists()


def test_drivers_name_what_moves_a_promise(cli, study):
    assert cli("run", "site.yaml", "--replications", "30", "--store", "st").exit_code == 0
    result = cli("drivers", "st", "--plots")
    assert result.exit_code == 0
    assert result.stdout.startswith("milestone.gpus-1200: median ")
    assert "orders.first.lead_time" in result.stdout
    assert "What misses gpus-1200" in result.stdout
    assert (study.with_name("st") / "tornado_milestone.gpus-1200.png").is_file()
    assert cli("drivers", "st", "--milestone", "none").exit_code == 2


@pytest.mark.parametrize(("method", "n"), [("sobol", 16), ("morris", 8)])
def test_drivers_print_the_indices_that_a_study_asked_for(cli, study, method, n):
    pytest.importorskip("SALib")
    text = (study.with_name("site.yaml")).read_text()
    study.with_name("site.yaml").write_text(
        text.replace(
            "commissioning: 21 days", "commissioning: {triangular: [1 day, 21 days, 60 days]}"
        )
    )
    study.write_text(
        f"name: s\nscenario: site.yaml\nreplications: 1\n"
        f"sample: {{method: {method}, n: {n}, seed: 1, uncertain: all}}\n"
    )
    assert cli("sweep", "study.yaml", "--store", "st", "--plots").exit_code == 0
    result = cli("drivers", "st")
    assert result.exit_code == 0
    head = "Sobol indices" if method == "sobol" else "Morris: mean absolute effect"
    lines = result.stdout.splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(head))
    names = [line.split()[0] for line in lines[begin + 2 : begin + 4]]
    assert sorted(names) == ["deployment.commissioning", "orders.first.lead_time"]
    assert (study.with_name("st") / "indices.png").is_file()
    said = json.loads(cli("drivers", "st", "--json").stdout)
    assert len(said["indices"]) == 2


def test_replications_print_chances_bands_and_a_run_to_replay(cli, study):
    arguments = (
        "run",
        "site.yaml",
        "--replications",
        "20",
        "--store",
        "st",
        "--out",
        "o",
        "--plots",
    )
    result = cli(*arguments)
    assert result.exit_code == 0
    for piece in (
        "20 replications",
        "in 50 %",
        "GPU-days not online, by cause",
        "Works that drive each promise",
        "Figure of the whole run",
        "Replay the run nearest P50 whole: dcsim run site.yaml --replication ",
    ):
        assert piece in result.stdout
    summary = json.loads((study.with_name("o") / "summary.json").read_text())
    (milestone,) = summary["milestones"]
    assert milestone["probability_low"] < milestone["probability"] < milestone["probability_high"]
    number = summary["nearest"]["p50"]
    assert cli("run", "site.yaml", "--replication", str(number), "--out", "p").exit_code == 0
    names = {path.name for path in study.with_name("o").iterdir()}
    assert {"bands.csv", "replications.parquet", "milestones.png", "bands_gpus_online.png"} <= names


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("soon", "write the half width"),
        ("none:pp=2", "there is no milestone none; there is gpus-1200"),
    ],
)
def test_a_wrong_precision_says_what_to_write(cli, study, until, message):
    result = cli("run", "site.yaml", "--replications", "9", "--until", until)
    assert result.exit_code == 2
    assert message in result.stderr


def test_scenarios_are_compared_under_the_same_luck(cli, study):
    study.with_name("late.yaml").write_text(
        "extends: site.yaml\ndeployment: {commissioning: 42 days}\n"
    )
    arguments = ("compare", "site.yaml", "late.yaml", "--replications", "12", "--store", "st")
    result = cli(*arguments, "--out", "figures")
    assert result.exit_code == 0
    assert "  deployment.commissioning: 21 days -> 42 days" in result.stdout
    # The same luck in both: every run that keeps the promise in both is late by the difference.
    assert "+42 (+42 to +42)" in result.stdout
    assert (study.with_name("figures") / "compare_gpus_online.png").is_file()


def test_one_scenario_is_nothing_to_compare(cli, study):
    result = cli("compare", "site.yaml")
    assert (result.exit_code, result.stderr) == (2, "compare needs two scenarios or more\n")
