from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from dcsim.scenario.schema.meanings import described_fields
from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.site import Site

ROOT = Path(__file__).parents[4]


class Base(Part):
    """A section."""

    lead_h: float
    """Order to
    delivery."""
    name: str
    """Name of it."""
    note: str = Field(default="", description="Declared.")
    """Not this."""
    bare: int = 0


class Derived(Base):
    """A section with more keys, one of them anew."""

    name: str
    """Name of the other."""
    crews: int = 1
    """Crews."""


def descriptions(model):
    return {name: field.description for name, field in described_fields(model).items()}


def test_a_field_is_described_by_the_text_below_it():
    assert descriptions(Base) == {
        "lead_h": "Order to\ndelivery.",
        "name": "Name of it.",
        "note": "Declared.",
        "bare": None,
    }


def test_a_derived_class_has_the_text_of_its_base_and_its_own():
    found = descriptions(Derived)
    assert found["lead_h"] == "Order to\ndelivery."
    assert found["name"] == "Name of the other."
    assert found["crews"] == "Crews."


def test_they_are_what_pydantic_reads_by_itself():
    class Same(BaseModel, use_attribute_docstrings=True):
        lead_h: float
        """Order to
        delivery."""

    assert Same.model_fields["lead_h"].description == descriptions(Base)["lead_h"]


def test_a_class_without_source_has_no_text():
    made: dict[str, type[Part]] = {}
    exec("class Typed(Part):\n    size_h: float\n    '''Size.'''\n", {"Part": Part}, made)
    assert descriptions(made["Typed"]) == {"size_h": None}


@pytest.mark.parametrize("by_alias", [True, False])
def test_a_json_schema_says_them(by_alias):
    schema = Derived.model_json_schema(by_alias=by_alias)
    key = "lead" if by_alias else "lead_h"
    assert schema["properties"][key]["description"] == "Order to\ndelivery."
    assert "description" not in schema["properties"]["bare"]


def test_every_key_of_a_scenario_has_a_meaning():
    assert not [name for name, text in descriptions(Site).items() if not text]


def test_to_read_a_scenario_reads_no_source():
    code = """
import dcsim, linecache
dcsim.load("scenarios/ulsan.yaml").plan(1)
print(*(name for name in linecache.cache if "schema" in name))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == ""
