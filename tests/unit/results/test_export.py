from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.commands.export import export_command
from dcsim.cli.main import main
from dcsim.errors import OutputError, ScenarioError
from dcsim.results.export import EXPORT_FORMATS, to_csv, to_netcdf, to_pypsa

PLANTS = (
    "end=2027-12-01",
    "solar=[{name: field, capacity: 9 MW, delivery: onsite}]",
    "batteries=[{name: store, power: 3 MW, energy: 12 MWh, round_trip: 90 %}]",
)


@pytest.fixture(scope="module")
def result():
    return dcsim.simulate(site())


def site() -> dcsim.Scenario:
    path = Path(__file__).parents[3] / "scenarios" / "minimal.yaml"
    return dcsim.load(path, overrides=PLANTS)


def test_the_table_holds_the_numbers_of_the_run(result) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(result))))
    assert len(rows) == result.calendar.n_hours
    assert rows[0]["time"] == "2026-12-31T15:00Z"
    found = np.array([float(row["grid_import_mw"]) for row in rows])
    np.testing.assert_array_equal(found, result.hourly["grid_import_mw"])
    assert rows[0]["pue"] == ""


def test_the_netcdf_file_reads_back_with_units(result, tmp_path: Path) -> None:
    xr = pytest.importorskip("xarray")
    path = tmp_path / "run.nc"
    path.write_bytes(to_netcdf(result))
    with xr.open_dataset(path, engine="scipy") as data:
        np.testing.assert_array_equal(data["facility_power_mw"], result.hourly["facility_power_mw"])
        assert data["facility_power_mw"].attrs["units"] == "MW"
        assert data["battery_stored_mwh"].attrs["units"] == "MWh"
        np.testing.assert_array_equal(data["time"], result.calendar.time_utc)
        assert data.attrs["scenario_digest"] == result.summary["provenance"]["scenario_digest"]


def test_without_its_extra_netcdf_says_what_to_install(result, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(dcsim.errors.MissingExtraError, match=r"dcsim\[export\]"):
        to_netcdf(result)


def test_a_network_serves_the_load_of_every_step(result) -> None:
    files = to_pypsa(result)
    most = list(csv.DictReader(io.StringIO(files["generators-p_max_pu.csv"])))
    rated = {
        r["name"]: float(r["p_nom"]) for r in csv.DictReader(io.StringIO(files["generators.csv"]))
    }
    assert set(rated) == {"solar", "grid", "unserved"}
    solar = np.array([float(row["solar"]) for row in most]) * rated["solar"]
    np.testing.assert_allclose(solar, result.hourly["solar_generation_mw"], atol=1e-12)
    room = np.array([float(row["grid"]) for row in most]) * rated["grid"]
    assert (room >= result.hourly["grid_import_mw"] - 1e-9).all()
    (unit,) = csv.DictReader(io.StringIO(files["storage_units.csv"]))
    assert float(unit["max_hours"]) * float(unit["p_nom"]) == 12.0


def test_pypsa_finds_the_same_balance() -> None:
    pytest.importorskip("pypsa")
    import importlib.util

    path = Path(__file__).parents[3] / "examples" / "pypsa_handover.py"
    spec = importlib.util.spec_from_file_location("handover", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ours, theirs = module.main(60)
    for key, value in ours.items():
        assert theirs[key] == pytest.approx(value, rel=1e-3)


def test_the_command_writes_each_format_and_replaces_no_folder(result, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    result.save(folder)
    ask = CliRunner().invoke
    for kind in ("csv", "netcdf", "pypsa"):
        if kind == "netcdf":
            pytest.importorskip("xarray")
        out = tmp_path / f"out-{kind}"
        done = ask(main, ["export", str(folder), "--format", kind, "--out", str(out)])
        assert done.exit_code == 0, done.stderr
        assert out.exists()
    done = ask(
        main, ["export", str(folder), "--format", "pypsa", "--out", str(tmp_path / "out-pypsa")]
    )
    assert done.exit_code == 4
    done = ask(main, ["export", str(folder), "--out", str(tmp_path / "y"), "--year", "1999"])
    assert done.exit_code == 2
    assert "year 1999: the run holds 2027 to 2027" in done.stderr


@pytest.mark.parametrize("kind", EXPORT_FORMATS)
def test_a_result_and_its_folder_come_to_the_same_files(result, tmp_path: Path, kind) -> None:
    if kind == "netcdf":
        pytest.importorskip("xarray")
    result.save(tmp_path / "run")
    names = ["a", "b"]
    for name, given in zip(names, (result, str(tmp_path / "run")), strict=True):
        written = dcsim.export(given, tmp_path / name, format=kind)
        assert all(path.is_file() for path in written)
    first, second = (
        [(path.name, path.read_bytes()) for path in sorted(place.iterdir())]
        if (place := tmp_path / name).is_dir()
        else place.read_bytes()
        for name in names
    )
    assert first == second
    assert not list(tmp_path.glob(".*"))


def test_one_year_of_a_run_is_exported(result, tmp_path: Path) -> None:
    [path] = dcsim.export(result, tmp_path / "year.csv", year=2027)
    lines = path.read_text().splitlines()
    assert lines[1].startswith("2026-12-31T15:00Z,")
    assert len(lines) == 1 + result.calendar.n_hours


def test_a_file_is_replaced_and_a_folder_is_not(result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("old")
    dcsim.export(result, out)
    assert out.read_text().startswith("time,")
    with pytest.raises(OutputError, match="out: is there already; name a new one"):
        dcsim.export(result, out, format="pypsa")
    with pytest.raises(OutputError, match="is there already"):
        dcsim.export(result, tmp_path)


def test_half_an_export_is_never_left(result, tmp_path: Path, monkeypatch) -> None:
    real, n = Path.write_bytes, iter(range(99))

    def full(path: Path, content: bytes) -> int:
        if next(n) >= 3:
            raise OSError(28, "No space left on device")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="net: cannot be written: No space left on device"):
        dcsim.export(result, tmp_path / "net", format="pypsa")
    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file_is_refused(result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for kind in ("csv", "pypsa"):
        with pytest.raises(OutputError, match=r"cannot be written: .* is not a folder"):
            dcsim.export(result, tmp_path / "file" / "x", format=kind)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"format": "xls"}, "format 'xls': must be one of csv, netcdf, pypsa"),
        ({"year": 2027.0}, r"year 2027\.0: must be a whole number"),
        ({"year": True}, "year True: must be a whole number"),
        ({"year": 1999}, "year 1999: the run holds 2027 to 2027"),
    ],
)
def test_a_wrong_format_or_year_is_refused(result, tmp_path: Path, keywords, message) -> None:
    with pytest.raises(ScenarioError, match=message):
        dcsim.export(result, tmp_path / "x", **keywords)
    assert not (tmp_path / "x").exists()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"takes a Result or the folder of a run, not Scenario; si"):
        dcsim.export(site(), tmp_path / "x")
    with pytest.raises(ScenarioError, match="holds no whole run"):
        dcsim.export(tmp_path, tmp_path / "x")


def test_the_command_has_the_formats_of_the_function() -> None:
    [option] = [one for one in export_command.params if one.name == "kind"]
    assert tuple(option.type.choices) == EXPORT_FORMATS
