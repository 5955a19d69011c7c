"""Meanings: a class of the schema in, its fields with what the source says below each out.

Pydantic reads the same text while it makes a class, for all classes whenever dcsim starts. It takes
half of that time, and only messages and documentation ask for it: so it is read on demand.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping
from itertools import pairwise

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@functools.cache
def described_fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields of a class by name, each with its docstring as its description.

    A field that was declared with a description keeps it. Where the source is not at hand, as for a
    class that was typed into a shell, fields stay without.
    """
    for base in model.__mro__:
        if issubclass(base, BaseModel) and base is not BaseModel:
            for name, text in _docstrings(base).items():
                field = model.model_fields.get(name)
                if field is not None and field.description is None:
                    field.description = text
    return model.model_fields


@functools.cache
def _docstrings(model: type[BaseModel]) -> Mapping[str, str]:
    """Return the text below each field in the body of one class."""
    try:
        source = inspect.getsource(model)
    except (OSError, TypeError):
        return {}
    body = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in pairwise(body.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[field.target.id] = inspect.cleandoc(text)
    return found
