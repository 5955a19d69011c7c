"""Manifests: the cases and replications of a study in, a file that shows any change out.

A manifest adds nothing to the results: it tells which units belong to a study, in which order its
cases stand, and what figures call its axes. If one is lost, `manifest_of` rebuilds the cases.
"""

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
"""Format of manifests that this version writes; files of later ones are refused."""
STUDY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def check_name(name: str) -> str:
    """Return a study's name if it can be that of a file; raises OutputError."""
    if not STUDY_NAME.fullmatch(name):
        wanted = "1 to 64 letters, digits, dots, dashes and underscores, not first a sign"
        raise OutputError(f"{cut(name, 80)!r} cannot name a study: use {wanted}")
    return name


def case_entry(case: Case, first: int, last: int) -> dict[str, Any]:
    """Return the entry of a case in a manifest.

    Parameters
    ----------
    case : Case
    first, last : int
        First and last replication of the study, both included.

    Returns
    -------
    dict
        Plain data for JSON.
    """
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
    """Return a manifest rebuilt from the heads of units, cases by id."""
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
    entries = sorted(cases.values(), key=lambda entry: (entry["id"], entry["digest"]))
    return {"about": {}, "cases": entries}


def manifest_bytes(name: str, manifest: Mapping[str, Any]) -> bytes:
    """Return the file of a manifest: JSON that carries its checksum."""
    document = {
        "dcsim-study": MANIFEST_FORMAT,
        "name": name,
        "sha256": _checksum(MANIFEST_FORMAT, name, manifest),
        "manifest": manifest,
    }
    return (json.dumps(document, ensure_ascii=True, indent=1) + "\n").encode()


def _checksum(version: object, name: str, manifest: Mapping[str, Any]) -> str:
    text = json.dumps([version, name, manifest], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifest(name: str, data: bytes) -> dict[str, Any]:
    """Return the manifest in a file, verified.

    Raises
    ------
    ValueError
        If a bit of the file changed, or it is the manifest of another study.
    NewerFormatError
        If it is whole but of a later format.
    """
    try:
        document = json.loads(data)
        version, manifest = document["dcsim-study"], document["manifest"]
        sound = document["sha256"] == _checksum(version, name, manifest)
        if sound and isinstance(version, int) and version > MANIFEST_FORMAT:
            raise NewerFormatError(f"is of format {version}, this version reads {MANIFEST_FORMAT}")
        # Byte for byte: a change that leaves the JSON equal, such as of a space, is damage too.
        sound = sound and manifest_bytes(name, manifest) == data and isinstance(manifest, dict)
    except NewerFormatError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise ValueError("its checksum does not match its content")
    verified: dict[str, Any] = manifest
    return verified
