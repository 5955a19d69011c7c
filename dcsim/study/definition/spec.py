"""The schema of study files: a file in, its checked content and its nodes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationError, WithJsonSchema

from dcsim.errors import MAX_KEY, ModelError, Problem, ScenarioError
from dcsim.scenario import json_schema as schema
from dcsim.scenario.checks import messages
from dcsim.scenario.draws.values import KeyPath, Values
from dcsim.scenario.schema.part import Name, Part
from dcsim.scenario.schema.quantity import Count
from dcsim.scenario.text import layers
from dcsim.scenario.text.document import Node, read_node
from dcsim.scenario.text.file_format import FORMAT_KEY, FORMAT_SCHEMA, content, rows_in_use
from dcsim.study.definition.design import Method, power_of_two

_FILES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_BUNDLED = {
    "scenario": {"type": "string", "description": "A file in the place of the base."},
    "extends": {**_FILES, "description": "Files beside the base, as siblings."},
}
_BUNDLE = {
    "type": ["object", "null"],
    "description": "Values by key path, all of them set on the base.",
    "properties": _BUNDLED,
}
_AXES = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {"type": "array", "minItems": 1, "description": "Values of the key path."},
            {
                "type": "object",
                "minProperties": 1,
                "description": "By label, values of several key paths.",
                "additionalProperties": _BUNDLE,
            },
        ]
    },
}
_ENTRY = {
    "type": "object",
    "description": "Values by key path, all of them set on the base.",
    "properties": {
        "id": {"type": "string", "description": "Id of the case."},
        **_BUNDLED,
    },
}
_ENTRIES = {"type": "array", "minItems": 1, "items": _ENTRY}
_DISTRIBUTIONS = {"type": "object", "additionalProperties": schema.DISTRIBUTION}

_PATTERNS = {"type": "array", "minItems": 1, "items": {"type": "string", "maxLength": MAX_KEY}}


def _patterns(value: object, otherwise: str, meant: object) -> Any:
    if (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(item, str) and item for item in value)
    ):
        return tuple(value)
    # Equal is not enough: 1 is equal to true.
    if isinstance(value, str | bool) and value == meant:
        return value
    raise ValueError(f"must be a list of key paths, or {otherwise}")


def _all_or_some(value: object) -> Any:
    return _patterns(value, "all", "all")


def _some_or_rest(value: object) -> Any:
    return _patterns(value, "true for all the rest", True)


AllOrSome = Annotated[
    Literal["all"] | tuple[str, ...],
    PlainValidator(_all_or_some),
    WithJsonSchema({"anyOf": [{"const": "all"}, _PATTERNS]}),
]
SomeOrRest = Annotated[
    Literal[True] | tuple[str, ...],
    PlainValidator(_some_or_rest),
    WithJsonSchema({"anyOf": [{"const": True}, _PATTERNS]}),
]
Axes = Annotated[dict[str, Any], WithJsonSchema(_AXES)]
Entries = Annotated[list[dict[str, Any]], WithJsonSchema(_ENTRIES)]
Distributions = Annotated[dict[str, Any], WithJsonSchema(_DISTRIBUTIONS)]


class Sample(Part):
    """Cases that sample uncertain values; key `sample`."""

    method: Method
    """Placement of the points: ``latin-hypercube`` or ``sobol-sequence`` fill the space, ``sobol``
    and ``morris`` are the designs that Sobol indices and elementary effects need."""
    n: Annotated[Count, Field(ge=1, le=1_000_000)]
    """Points; base points for ``sobol``, trajectories for ``morris``, which make more cases."""
    seed: Annotated[Count, Field(ge=0, lt=2**32)] = 1
    """Root of the random numbers of the design."""
    uncertain: AllOrSome | None = None
    """Uncertain values of the scenario: all, or those named, with ``*`` for any text. Without it
    all if there are no `parameters`, else none."""
    parameters: Distributions = Field(default_factory=dict)
    """Further values by key path, each with a distribution of its own."""
    groups: dict[Name, SomeOrRest] = Field(default_factory=dict)
    """Key paths that move together; the group that is ``true`` takes the rest."""
    levels: Annotated[Count, Field(ge=2, le=100)] = 4
    """Levels of the grid of ``morris``, an even number."""
    second_order: bool = False
    """True if ``sobol`` is to give indices of pairs, too; doubles the cases."""
    correlate: bool = True
    """True if sampled values are correlated as in the scenario."""


class Spec(Part):
    """The content of a study file."""

    name: Name | None = None
    """Name of the study; without it, that of its file."""
    description: str = ""
    """The question it is to answer."""
    scenario: Annotated[str, Field(min_length=1)]
    """The scenario all cases are made from, relative to this file."""
    replications: Annotated[Count, Field(ge=0, le=1_000_000)] | None = None
    """Runs of each case, each with other random numbers; 0 is the single run at the medians.
    Without it 0, or 1 where there is a sample."""
    grid: Axes = Field(default_factory=dict)
    """Axes of which all combinations are made, the last one fastest."""
    zip_: Axes = Field(default_factory=dict, alias="zip")
    """Axes that go in step."""
    entries: Entries = Field(default_factory=list, alias="list")
    """Cases one by one."""
    sample: Sample | None = None
    """A sample of uncertain values, the same for all combinations of the axes."""

    @property
    def n_replications(self) -> int:
        """Number of replications of each case; 0 for the single run at the medians."""
        return int(self.sample is not None) if self.replications is None else self.replications


def default_root(path: Path) -> Path:
    """Return the folder that a study may read: its own, or the one above a folder `studies`."""
    folder = path.resolve().parent
    return folder.parent if folder.name == "studies" else folder


def read_spec(path: Path) -> tuple[Spec, Node]:
    """Read a study file and check its form.

    Raises
    ------
    ScenarioError
        With every problem found: file, line, key, what is allowed.
    """
    return checked_spec(read_node(path, layers.shown_path(path)))


def checked_spec(node: Node) -> tuple[Spec, Node]:
    """Check the form of a study that was read; raises as `read_spec`."""
    node = content(node, "study")
    values = Values(data=node.plain, places=_places_by_path(node, ()))
    try:
        spec = Spec.model_validate(values.data)
    except ValidationError as error:
        raise ScenarioError(messages.problems(error, values, Spec)) from None
    problems = [*_sample_problems(spec, values)]
    if problems:
        raise ScenarioError(messages.in_order(problems))
    return spec, node


def _places_by_path(node: Node, path: KeyPath) -> dict[KeyPath, str]:
    places = {path: node.where}
    children: Any = ()
    if isinstance(node.value, dict):
        children = node.value.items()
    if isinstance(node.value, list):
        children = ((str(index), item) for index, item in enumerate(node.value))
    for key, child in children:
        places |= _places_by_path(child, (*path, key))
    return places


def _sample_problems(spec: Spec, values: Values) -> list[Problem]:
    """Return the options of a sample that contradict one another."""
    if spec.sample is None:
        return []
    faults = _faults_of_options(spec.sample) | _faults_of_groups(spec.sample)
    return [
        Problem(messages.place_of(tuple(key.split(" ")[0].split(".")), values), key, message)
        for key, message in faults.items()
    ]


def _faults_of_options(sample: Sample) -> dict[str, str]:
    faults = {}
    if sample.levels % 2:
        faults["sample.levels"] = "must be an even number"
    if "levels" in sample.model_fields_set and sample.method != "morris":
        faults["sample.levels"] = "is for morris only"
    if sample.second_order and sample.method != "sobol":
        faults["sample.second_order"] = "is for sobol only"
    if sample.method in ("sobol", "sobol-sequence"):
        try:
            power_of_two(sample.n)
        except ModelError as error:
            faults[f"sample.n = {sample.n}"] = str(error)
    return faults


def _faults_of_groups(sample: Sample) -> dict[str, str]:
    rest = [patterns for patterns in sample.groups.values() if patterns is True]
    if sample.groups and sample.method not in ("sobol", "morris"):
        return {"sample.groups": "is for sobol and morris: elsewhere each value moves alone"}
    if len(sample.groups) == 1:
        return {"sample.groups": "needs two groups or more"}
    if len(rest) > 1:
        return {"sample.groups": "only one group can take the rest"}
    return {}


def study_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of study files, for editors."""
    schema_of_model = schema.with_old_keys(
        Spec.model_json_schema(by_alias=True), rows_in_use("study")
    )
    schema_of_model["properties"][FORMAT_KEY] = FORMAT_SCHEMA
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dcsim study",
        **{key: value for key, value in schema_of_model.items() if key != "title"},
    }
