"""DuckDB reads and writes the file that is named, whatever letters its path has."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dcsim.database_paths import literal_pattern, quoted_target

NAMES = (
    "pv[1].parquet",
    "pv1.parquet",
    "p*.parquet",
    "p?.parquet",
    "p[!a].parquet",
    "it's.parquet",
)


@pytest.mark.parametrize("folder", ["plain", "a[1]b", "x*y", "q?", "year=2027"])
def test_a_name_means_one_file(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    (tmp_path / "a1b").mkdir()
    with duckdb.connect() as connection:
        for number, name in enumerate(NAMES):
            target = quoted_target(place / name)
            connection.execute(f"COPY (SELECT {number} AS n) TO {target} (FORMAT parquet)")
        assert sorted(path.name for path in place.iterdir()) == sorted(NAMES)
        for number, name in enumerate(NAMES):
            found = connection.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning = false)",
                [literal_pattern(place / name)],
            ).fetchall()
            assert found == [(number,)]


def test_a_path_that_duckdb_cannot_take_is_refused_in_words() -> None:
    for use in (literal_pattern, quoted_target):
        with pytest.raises(ValueError, match="is not UTF-8 text"):
            use(Path("bad\udcff/x.parquet"))
    with pytest.raises(ValueError, match="backslash"):
        literal_pattern(Path("a\\b[1].parquet"))
    assert literal_pattern(Path("/a\\b.parquet")) == "/a\\b.parquet"
