"""Manifests: what a study in a store consists of, in files that show any change."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dcsim.errors import OutputError, cut
from dcsim.study.records.case import Case, split_key
from dcsim.study.records.unit_file import Head, NewerFormatError

MANIFEST_FORMAT = 1
STUDY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def check_name(name: str) -> str:
    """Return a study's name if it can be that of a file; raises OutputError."""
    if not STUDY_NAME.fullmatch(name):
        wanted = "1 to 64 letters, digits, dots, dashes and underscores, not first a sign"
        raise OutputError(f"{cut(name, 80)!r} cannot name a study: use {wanted}")
    return name


def case_entry(case: Case, first: int, last: int) -> dict[str, Any]:
    """Return what a manifest says of a case and the replications that are wanted of it."""
    return {
        "id": case.id,
        "digest": case.digest,
        "parameters": dict(case.parameters),
        "model": case.model,
        "profile": case.profile,
        "first": first,
        "last": last,
    }


def manifest_of(heads: Iterable[Head]) -> dict[str, Any]:
    """Return a manifest as far as finished units tell it, cases by id."""
    cases: dict[str, dict[str, Any]] = {}
    for head in heads:
        digest, first, last = split_key(head.key)
        entry = cases.setdefault(
            digest,
            {
                "id": head.case,
                "digest": digest,
                "parameters": dict(head.parameters),
                "model": head.model,
                "profile": head.profile,
                "first": first,
                "last": last,
            },
        )
        entry["first"] = min(entry["first"], first)
        entry["last"] = max(entry["last"], last)
    found = sorted(cases.values(), key=lambda entry: (entry["id"], entry["digest"]))
    return {"about": {}, "cases": found}


def to_bytes(name: str, manifest: Mapping[str, Any]) -> bytes:
    """Return the file of a manifest: JSON that carries its checksum."""
    said = {
        "dcsim-study": MANIFEST_FORMAT,
        "name": name,
        "sha256": _checksum(MANIFEST_FORMAT, name, manifest),
        "manifest": manifest,
    }
    return (json.dumps(said, ensure_ascii=True, indent=1) + "\n").encode()


def _checksum(version: object, name: str, manifest: Mapping[str, Any]) -> str:
    text = json.dumps([version, name, manifest], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def from_bytes(name: str, data: bytes) -> dict[str, Any]:
    """Return the manifest in a file; ValueError says what is wrong with it."""
    try:
        said = json.loads(data)
        version, held, manifest = said["dcsim-study"], said["sha256"], said["manifest"]
        sound = held == _checksum(version, name, manifest)
        if sound and isinstance(version, int) and version > MANIFEST_FORMAT:
            raise NewerFormatError(f"is of format {version}, this version reads {MANIFEST_FORMAT}")
        # A change that JSON does not mind, such as of a space, is still one.
        sound = sound and to_bytes(name, manifest) == data and isinstance(manifest, dict)
    except NewerFormatError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise ValueError("its checksum does not match its content")
    found: dict[str, Any] = manifest
    return found
