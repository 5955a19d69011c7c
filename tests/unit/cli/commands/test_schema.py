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


def test_the_schema_with_plugins_knows_their_sections_and_models(cli, tidal):
    import jsonschema
    from ruamel.yaml import YAML

    schema = json.loads(cli("schema", "--plugin", "dcsim_tidal").stdout)
    assert schema["properties"]["tidal"]["description"] == "Tidal stream farms."
    names = {"Tidal", "ChilledWater", "Dispatch", "Milestone"}
    assert names <= set(schema["$defs"])
    plain = YAML(typ="safe", pure=True).load(tidal.read_text(encoding="utf-8"))
    text = json.loads(json.dumps(plain, default=str))
    jsonschema.Draft202012Validator(schema).validate(text)
    own = json.loads(cli("schema").stdout)
    assert {"tidal"} == set(schema["properties"]) - set(own["properties"])


def test_a_plugin_that_is_missing_is_said(cli):
    result = cli("schema", "--plugin", "dcsim-surf")
    assert result.exit_code == 2
    assert "needs the plug-in dcsim-surf, which is not installed" in result.stderr
    assert "--plugin: a b: is not the name of a package" in cli("schema", "--plugin", "a b").stderr
