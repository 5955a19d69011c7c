"""Writes what the documentation takes from the code: the scenario reference, tables of results.

`docs/scenario-reference.md` is made from the classes that check scenarios; in `docs/results.md` and
other pages the tables between the marks ``<!-- table: NAME -->`` and ``<!-- end -->`` are made from
the records of columns, figures and kinds of assets. `scenarios/scenario.schema.json` is the JSON
Schema of scenario files.

Run it from the project's root: ``python docs/make_reference.py``; tests keep the pages in step.
"""

from __future__ import annotations

import itertools
import json
import re
import textwrap
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from dcsim.accounts.key_figures import YEAR_FIGURES, KeyRecord, records_of, run_records
from dcsim.results.columns import COLUMNS
from dcsim.results.summary_types import RunSummary
from dcsim.scenario.checks.messages import canonical_unit, metadata_of
from dcsim.scenario.json_schema import json_schema
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import kinds_by_class
from dcsim.scenario.schema.meanings import described_fields
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text.file_format import FILE_FORMAT, FORMAT_SCHEMA, OLDEST_FORMAT
from dcsim.scenario.text.renamed_keys import RENAMED

DOCS = Path(__file__).parent
PAGE = DOCS / "scenario-reference.md"
JSON_SCHEMA = DOCS.parent / "scenarios" / "scenario.schema.json"
PAGES_WITH_TABLES = ("results.md", "nomenclature.md", "models/assets.md")
MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n\n).*?(\n<!-- end -->)", re.DOTALL)
KEY_HEADS = ("key", "unit", "meaning")
STEP_VALUES = {
    "mean": "mean",
    "sum": "sum",
    "level": "level at its end",
    "ratio": "ratio of means",
}
HEAD = """# Scenario reference

Made from the classes that check scenarios; do not edit by hand (`python docs/make_reference.py`).

A value carries its unit (`1.85 kW`, `26 weeks`, `15 %`). Any scalar may be a distribution, or stand
as `{value: …, source: …, confidence: …}`; every section also takes `source` and `confidence` for
all that is below it. [Scenario files](scenarios.md) explains layers, sources and distributions.
"""
RENAMED_HEAD = """## Renamed keys

An old name is read for two releases, with a warning; see
[RELEASE.md](../RELEASE.md#a-key-gets-another-name).
"""
TOP_OF_FILE = (
    ("format", "integer", f"≥ {OLDEST_FORMAT}, ≤ {FILE_FORMAT}", "1", FORMAT_SCHEMA["description"]),
    ("extends", "", "", "", "Files this one lies on top of, relative to it."),
    ("sources", "", "", "", "What values name as their source."),
)
"""Keys that are the file's, not the plan's."""


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the schema classes in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every section of a scenario with its path, top first."""
    yield path, model
    for name, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            is_list = "tuple" in str(field.annotation)
            key = field.alias or key_of(name)
            yield from sections(inner, f"{path}.{key}".lstrip(".") + ("[]" if is_list else ""))


def allowed(field: FieldInfo) -> str:
    """Say the range of a field."""
    signs = {
        annotated_types.Ge: ("≥", "ge"),
        annotated_types.Gt: (">", "gt"),
        annotated_types.Le: ("≤", "le"),
        annotated_types.Lt: ("<", "lt"),
    }
    found = []
    for bound in metadata_of(field):
        if type(bound) in signs:
            sign, name = signs[type(bound)]
            found.append(f"{sign} {getattr(bound, name):g}")
    values = typing.get_args(field.annotation)
    if typing.get_origin(field.annotation) is typing.Literal:
        found.append(", ".join(f"`{value}`" for value in values))
    return ", ".join(found)


def default(field: FieldInfo) -> str:
    """Say the default of a field in the unit of the page."""
    if field.default is PydanticUndefined and field.default_factory is None:
        return "required"
    value = field.default
    if value is None or value == () or isinstance(value, BaseModel | tuple):
        return ""
    return "" if value is PydanticUndefined else f"{value}"


def page() -> str:
    """Return the text of the page."""
    lines, seen = [HEAD], set()
    for path, model in sections(Site):
        if model in seen:
            continue
        seen.add(model)
        lines.append(f"\n## {path or 'Top level'}\n")
        if model.__doc__:
            lines.append(" ".join(model.__doc__.split()) + "\n")
        lines += ["| key | unit | allowed | default | meaning |", "|---|---|---|---|---|"]
        if model is Site:
            lines += ["| " + " | ".join((f"`{key}`", *rest)) + " |" for key, *rest in TOP_OF_FILE]
        for name, field in described_fields(model).items():
            meaning = " ".join((field.description or "").split())
            cells = (
                f"`{field.alias or key_of(name)}`",
                canonical_unit(field),
                allowed(field),
                default(field),
                meaning,
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n" + renamed_keys()


def renamed_keys() -> str:
    """Return the section on keys that have another name now."""
    rows = [(f"`{row.old}`", f"`{row.new}`", row.since, row.gone) for row in RENAMED["scenario"]]
    heads = ("old key", "new key", "since", "old name read until")
    table = table_text(heads, rows) if rows else "No key has been renamed so far.\n"
    return f"\n{RENAMED_HEAD}\n{table}"


def table_text(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def in_capitals(text: str) -> str:
    """Return a pattern as the documentation writes it: ``gpus_online_PRODUCT``."""
    return re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), text)


def column_table() -> str:
    """Return the table of hourly columns."""
    heads = ("column", "unit", "in a step", "meaning")
    rows = [
        (
            f"`{column.placeholder_name}`",
            column.unit,
            STEP_VALUES[column.aggregation],
            column.meaning,
        )
        for column in COLUMNS
    ]
    time = ("`time`", "UTC", "", "start of the step")
    return table_text(heads, [time, *rows])


def column_terms() -> str:
    """Return the table of the terms that hourly columns bear."""
    heads = ("term", "name", "unit", "meaning")
    rows = [
        (
            in_capitals(column.term),
            f"`{column.placeholder_name}`",
            column.unit,
            column.meaning,
        )
        for column in COLUMNS
    ]
    return table_text(heads, rows)


def key_rows(records: Mapping[str, KeyRecord]) -> list[tuple[str, str, str]]:
    """Return the rows of a table of keys."""
    return [
        (f"`{in_capitals(name)}`", "" if unit == "1" else unit, meaning)
        for name, (unit, meaning, _) in records.items()
    ]


def summary_table() -> str:
    """Return the table of the keys of `summary.json`."""
    parts = records_of(RunSummary)
    at = list(parts).index("gpus_fit")
    before, after = (dict(itertools.islice(parts.items(), *span)) for span in ((at,), (at, None)))
    return table_text(KEY_HEADS, key_rows(before | run_records() | after))


def year_table() -> str:
    """Return the table of the figures by calendar year."""
    return table_text(KEY_HEADS, key_rows(YEAR_FIGURES))


def in_years() -> str:
    """Return the names of the figures of the run that are given by calendar year too."""
    names = [f"`{in_capitals(name)}`" for name, record in run_records().items() if record.in_years]
    return (
        textwrap.fill(", ".join(names), 100, break_long_words=False, break_on_hyphens=False) + "\n"
    )


def ledger_of_assets() -> str:
    """Return the table of the kinds of ledger lines that sources and stores have."""
    by_kind: dict[str, list[AssetKind]] = {}
    for kind in kinds_by_class():
        by_kind.setdefault(kind.ledger_kind, []).append(kind)
    rows = [
        (
            f"`{name}`",
            "MW, MWh" if kinds[0].is_store else "MWh",
            "a worn one was replaced, at its `cost`" if kinds[0].is_store else "energy or fuel",
            ", ".join(f"`{kind.section}`" for kind in kinds),
        )
        for name, kinds in by_kind.items()
    ]
    return table_text(("kind", "unit", "what", "sections"), rows)


def kind_rows() -> Iterator[tuple[str, ...]]:
    """Yield the row of each kind of source or store."""
    for kind in kinds_by_class():
        source = "NAME" if kind.column_of_each else kind.figure
        flows = ("charge_mw", "discharge_mw", "stored_mwh") if kind.is_store else ("generation_mw",)
        yield (
            f"`{kind.section}`",
            " or ".join(kind.classes),
            energy_class(kind),
            f"`{kind.ledger_kind}`" if kind.ledger_kind else "",
            ", ".join(f"`{source}_{flow}`" for flow in flows),
        )


def energy_class(kind: AssetKind) -> str:
    """Return the cleanliness of the energy of a kind; empty for a store."""
    if kind.is_store:
        return ""
    if not callable(kind.cleanliness):
        return kind.cleanliness.name
    fixed = kind.cleanliness_of(kind.sample())
    by_key = {"renewable", "carbon_kg_per_mwh"} & set(kind.schema.model_fields)
    keys = " and ".join(f"`{key_of(name)}`" for name in sorted(by_key, reverse=True))
    return f"{fixed.name} at {keys}" if len(by_key) == 1 else f"by {keys}"


def kind_table() -> str:
    """Return the table of the kinds of sources and stores."""
    heads = ("section", "dispatch class", "energy", "ledger kind", "columns")
    return table_text(heads, kind_rows())


TABLES = {
    "asset-kinds": kind_table,
    "ledger-of-assets": ledger_of_assets,
    "hourly-columns": column_table,
    "column-terms": column_terms,
    "summary": summary_table,
    "yearly": year_table,
    "in-years": in_years,
}


def with_tables(text: str) -> str:
    """Return a page with its marked tables made anew."""
    return MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", text)


def main() -> None:
    """Bring all that is made from the code up to date."""
    PAGE.write_text(page(), encoding="utf-8")
    schema = json.dumps(json_schema(), indent=1, ensure_ascii=False)
    JSON_SCHEMA.write_text(f"{schema}\n", encoding="utf-8")
    for name in PAGES_WITH_TABLES:
        path = DOCS / name
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
