"""`dcsim query`: answers in SQL, and what is refused."""

from __future__ import annotations

import json

import pytest


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


def test_an_answer_as_json_has_a_record_a_row(cli, swept):
    sql = 'select "deployment.crews" as crews, count(*) as n from runs group by 1 order by 1'
    records = json.loads(cli("query", "st", sql, "--json").stdout)
    assert [(int(record["crews"]), record["n"]) for record in records] == [(1, 6), (2, 6)]


def test_a_long_answer_is_cut(cli, swept):
    # Twelve runs, each joined with all of them twice: 12 x 12 x 2 rows.
    sql = "select a.replication from runs a, runs b, (values (1), (2)) c"
    lines = cli("query", "st", sql).stdout.splitlines()
    assert len(lines) == 2 + 200 + 1
    assert lines[-1] == "… and 88 more rows; --json prints all"


def test_a_study_that_the_store_does_not_hold_is_bad_input(cli, swept):
    result = cli("query", "st", "select 1", "--study", "other")
    assert result.exit_code == 2
    assert result.stderr == "st: holds no study 'other'; it holds little\n"
