"""`dcsim schema`: JSON Schemas for editors."""

from __future__ import annotations

import json


def test_the_schema_is_printed(cli):
    result = cli("schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["title"] == "dcsim scenario"


def test_the_schema_of_studies_is_another_one(cli):
    result = cli("schema", "--study")
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    assert schema != json.loads(cli("schema").stdout)
    assert {"scenario", "grid", "replications"} <= set(schema["properties"])


def test_a_schema_takes_no_file(cli):
    result = cli("schema", "plan.yaml")
    assert result.exit_code == 2
    assert "unexpected extra argument" in result.stderr
