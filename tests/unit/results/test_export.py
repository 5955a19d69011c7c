from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.main import main
from dcsim.results.export import to_csv, to_netcdf, to_pypsa

PLANTS = (
    "end=2027-12-01",
    "solar=[{name: field, capacity: 9 MW, delivery: onsite}]",
    "batteries=[{name: store, power: 3 MW, energy: 12 MWh, round_trip: 90 %}]",
)


@pytest.fixture(scope="module")
def result():
    site = Path(__file__).parents[3] / "scenarios" / "minimal.yaml"
    return dcsim.simulate(dcsim.load(site, overrides=PLANTS))


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
    assert "the run holds 2027 to 2027, not 1999" in done.stderr
