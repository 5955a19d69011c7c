"""`dcsim compare`: scenarios under common random numbers."""

from __future__ import annotations


def test_scenarios_are_compared_under_the_same_random_numbers(cli, study):
    study.with_name("late.yaml").write_text(
        "extends: site.yaml\ndeployment: {commissioning: 42 days}\n"
    )
    arguments = ("compare", "site.yaml", "late.yaml", "--replications", "12", "--store", "st")
    result = cli(*arguments, "--out", "figures")
    assert result.exit_code == 0
    assert "  deployment.commissioning: 21 days -> 42 days" in result.stdout
    # Common random numbers: every run that meets the milestone in both is late by the difference.
    assert "+42 (+42 to +42)" in result.stdout
    assert (study.with_name("figures") / "compare_gpus_online.png").is_file()


def test_one_scenario_is_nothing_to_compare(cli, study):
    result = cli("compare", "site.yaml")
    assert (result.exit_code, result.stderr) == (2, "compare needs two scenarios or more\n")


def test_scenarios_of_two_seeds_cannot_be_paired(cli, study):
    study.with_name("other.yaml").write_text("extends: site.yaml\nseed: 9\n")
    result = cli("compare", "site.yaml", "other.yaml", "--replications", "2")
    assert result.exit_code == 2
    assert result.stderr.startswith("other.yaml: has seed 9 and site.yaml has ")


def test_a_scenario_named_twice_is_bad_input(cli, study):
    result = cli("compare", "site.yaml", "site.yaml", "--replications", "2")
    assert (result.exit_code, result.stderr) == (2, "a scenario is named twice\n")


def test_few_pairs_have_no_interval(cli, study):
    study.with_name("late.yaml").write_text(
        "extends: site.yaml\ndeployment: {commissioning: 42 days}\n"
    )
    result = cli("compare", "site.yaml", "late.yaml", "--replications", "2", "--store", "st")
    assert result.exit_code == 0
    assert "+42" in result.stdout
    assert "nan" not in result.stdout
    assert "– to –" not in result.stdout


def test_figures_that_nothing_changes_share_one_line():
    from dcsim.cli.commands.compare import comparison_lines

    figure = {"n": 3, "mean": 0.0, "mean_low": 0.0, "mean_high": 0.0, "variance_ratio": 1.0}
    ends = {"median_low": 1.0, "median_high": float("nan")}
    same = {"name": "unserved_mwh", "median": 0.0, "share_higher": 0.0, "share_lower": 0.0}
    moved = {"name": "pue_mean", "median": 0.1, "share_higher": 1.0, "share_lower": 0.0}
    figures = [{**figure, **ends, **same}, {**figure, **ends, **moved}]
    parts = {"assumptions": [], "milestones": [], "figures": figures}
    lines = list(comparison_lines("a", "b", parts, 3))
    assert "Unchanged: Unserved" in lines
    assert not any("nan" in line for line in lines)
    assert any(line.startswith("PUE") and "+0.100" in line and "–" in line for line in lines)
