"""`dcsim status`: what a store holds."""

from __future__ import annotations

import json

from dcsim.study.store.store import ResultStore


def test_a_folder_that_is_no_store_is_an_error_of_the_place(cli, folder):
    (folder / "other").mkdir()
    result = cli("status", "other")
    assert (result.exit_code, result.stderr) == (
        4,
        "other: is no store: it holds no folder 'cases'\n",
    )


def test_a_store_says_its_studies_runs_and_digest(cli, swept):
    lines = cli("status", "st").stdout.splitlines()
    data = json.loads(cli("status", "st", "--json").stdout)
    assert lines[0] == "little: 12 of 12 runs"
    assert lines[-1] == f"{data['units']:,} files, digest {data['digest']}"
    assert (data["studies"][0]["cases"], data["studies"][0]["failed"]) == (4, 0)


def test_a_damaged_file_is_named_and_there_is_no_digest(cli, swept):
    file = next(path for path in (swept / "cases").rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-5])
    lines = cli("status", "st").stdout.splitlines()
    assert lines[0].startswith("damaged: ")
    assert lines[0].endswith("; 'dcsim sweep' computes it again")
    assert lines[-1].endswith("digest none: files are damaged")


def test_every_unit_is_read_once(cli, swept, monkeypatch):
    read = []
    get = ResultStore.get
    monkeypatch.setattr(ResultStore, "get", lambda store, key: read.append(key) or get(store, key))
    assert cli("status", "st").exit_code == 0
    assert len(read) == len(set(read)) == len(list((swept / "cases").iterdir()))
