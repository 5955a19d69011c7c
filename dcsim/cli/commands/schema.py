"""`dcsim schema`: the JSON Schema of scenario and study files."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.option("--study", is_flag=True, help="Print the schema of study files instead.")
@click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="PACKAGE",
    help="With the sections and models of this plug-in; may be repeated.",
)
def schema_command(study: bool, plugins: tuple[str, ...]) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from dcsim.scenario.extension import site_class_of
    from dcsim.scenario.json_schema import json_schema

    schema = json_schema(site_class_of({"plugins": list(map(_checked_name, plugins))}))
    if study:
        from dcsim.study.definition import spec

        schema = spec.study_json_schema()
    click.echo(json.dumps(schema, indent=1, ensure_ascii=False))


def _checked_name(plugin: str) -> str:
    from dcsim.entry_points import requirement_of
    from dcsim.errors import Problem, ScenarioError

    try:
        requirement_of(plugin)
    except ValueError as error:
        raise ScenarioError([Problem("--plugin", plugin, str(error))]) from None
    return plugin
