"""`dcsim schema`: the JSON Schema of scenario and study files."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.option("--study", is_flag=True, help="Print the schema of study files instead.")
def schema_command(study: bool) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from dcsim.scenario.json_schema import json_schema

    schema = json_schema()
    if study:
        from dcsim.study.definition import spec

        schema = spec.study_json_schema()
    click.echo(json.dumps(schema, indent=1, ensure_ascii=False))
