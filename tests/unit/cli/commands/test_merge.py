"""`dcsim merge`: stores of two shards in one."""

from __future__ import annotations

import json


def test_two_shards_merged_have_the_digest_of_the_whole(cli, swept):
    for part in ("1", "2"):
        done = cli("sweep", "study.yaml", "--shard", f"{part}/2", "--store", f"part{part}")
        assert done.exit_code == 0
    assert cli("merge", "all", "part1", "part2").exit_code == 0
    digests = {json.loads(cli("status", name, "--json").stdout)["digest"] for name in ("st", "all")}
    assert len(digests) == 1


def test_a_source_that_is_no_store_is_refused(cli, folder):
    (folder / "other").mkdir()
    result = cli("merge", "all", "other")
    assert result.exit_code == 4
    assert "other: is no store" in result.stderr


def test_a_target_without_sources_is_bad_input(cli, folder):
    result = cli("merge", "all")
    assert result.exit_code == 2
    assert "Missing argument 'SOURCES...'" in result.stderr
