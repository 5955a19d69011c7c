"""Exports for other programs: a result in, CSV, netCDF or the files of a PyPSA network out."""

from __future__ import annotations

import csv
import io
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.errors import MissingExtraError, OutputError, Problem, ScenarioError
from dcsim.limits import one_of, path_from, whole_number
from dcsim.results.columns import column_part, column_record
from dcsim.results.output_files import (
    cannot_write,
    refuse_unwritable_file,
    refuse_unwritable_place,
    write_output_file,
)
from dcsim.results.read_run import read_run
from dcsim.results.result import Result
from dcsim.results.run_folder import text_cell
from dcsim.scenario.schema.assets.registry import all_kinds, assets_of, kinds_of

ExportFormat = Literal["csv", "netcdf", "pypsa"]
EXPORT_FORMATS: tuple[str, ...] = get_args(ExportFormat)
"""Formats of an export."""
EXPORTED_UNITS = ("MW", "MWh")
"""Units of the columns that are exported, besides PUE: load and supply."""
IMPORT_COST, UNSERVED_COST = 1.0, 1000.0
"""Weights in a network: least import once all load is served, as under self-consumption."""
WEAR_COST = 1e-4
"""Weight of discharge: of equal plans the one that moves less."""


def exported_columns(
    result: Result, year: int | None = None
) -> tuple[NDArray[np.datetime64], dict[str, Floats]]:
    """Return the start of each step in UTC and load and supply by name, of one year or all.

    Raises
    ------
    ScenarioError
        If the year is not in the run.
    """
    chosen = _steps(result, year)
    kept = {
        name: values[chosen] for name, values in result.hourly.items() if _is_load_or_supply(name)
    }
    return result.calendar.time_utc[chosen], kept


def _is_load_or_supply(name: str) -> bool:
    record = column_record(name)
    return name == "pue" or (record is not None and record.unit in EXPORTED_UNITS)


def to_csv(result: Result, year: int | None = None) -> str:
    """Return load and supply as CSV: times in UTC, powers in MW, energy in MWh."""
    times, columns = exported_columns(result, year)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time", *columns])
    stamps = np.datetime_as_string(times, unit="m").tolist()
    for stamp, *values in zip(stamps, *(v.tolist() for v in columns.values()), strict=True):
        writer.writerow([f"{stamp}Z", *("" if v != v else repr(v) for v in values)])  # noqa: PLR0124
    return text.getvalue()


def to_netcdf(result: Result, year: int | None = None) -> bytes:
    """Return load and supply as a netCDF file with units and names by the CF conventions.

    Raises
    ------
    MissingExtraError
        If xarray is not installed.
    """
    try:
        import xarray as xr  # noqa: PLC0415  (an extra)
    except ImportError:
        raise MissingExtraError("netCDF needs an extra: pip install 'dcsim[export]'") from None
    times, columns = exported_columns(result, year)
    data = {name: ("time", values, column_attributes(name)) for name, values in columns.items()}
    provenance = result.summary["provenance"]
    dataset = xr.Dataset(
        data,
        coords={"time": ("time", times.astype("datetime64[ns]"))},
        attrs={
            "Conventions": "CF-1.11",
            "title": result.site.name,
            "source": f"dcsim {provenance['versions']['dcsim']}",
            "scenario_digest": provenance["scenario_digest"],
            "step_h": result.calendar.step_h,
            "comment": "means over the step that begins at time; stored energy at its end",
        },
    )
    dataset["time"].attrs |= {"standard_name": "time", "long_name": "start of the step, UTC"}
    encoding = {"time": {"units": "seconds since 1970-01-01", "dtype": "float64"}}
    written = dataset.to_netcdf(engine="scipy", encoding=encoding)
    return bytes(written)


def column_attributes(name: str) -> dict[str, str]:
    """Return unit and name of a column by the CF conventions.

    Examples
    --------
    >>> column_attributes("wind_generation_mw")
    {'units': 'MW', 'long_name': 'generation of wind'}
    """
    record = column_record(name)
    assert record is not None, f"{name} is not in the table of columns"
    return {"units": record.unit, "long_name": record.term_of(name)}


def to_pypsa(result: Result, year: int | None = None) -> dict[str, str]:
    """Return the site as the CSV files of a PyPSA network, by their names.

    One bus; the facility load; a generator for each source of the run, which may be curtailed,
    dispatchable and backup ones as they ran; the grid up to its energized power; what would be
    unserved; each store as a storage unit. Its optimum is least import once all load is served.

    Parameters
    ----------
    result : Result
    year : int, optional
        Calendar year of the run; by default all of it.

    Returns
    -------
    dict
        Text by name, for `pypsa.Network.import_from_csv_folder`.
    """
    chosen = _steps(result, year)
    times = np.datetime_as_string(result.calendar.time_utc[chosen], unit="s")
    stamps = [time.replace("T", " ") for time in times]
    hourly = {name: values[chosen] for name, values in result.hourly.items()}
    made, most, least = _generators(result, hourly)
    stores, there = _stores(result, hourly, chosen)
    weight = repr(result.calendar.step_h)
    names = ("objective", "stores", "generators")
    files = {
        "network.csv": _csv_table(["name"], [["dcsim site"]]),
        "snapshots.csv": _csv_table(
            ["snapshot", *names], [[s, weight, weight, weight] for s in stamps]
        ),
        "buses.csv": _csv_table(["name", "carrier"], [["site", "AC"]]),
        "carriers.csv": _csv_table(["name"], [["AC"]]),
        "loads.csv": _csv_table(["name", "bus"], [["facility", "site"]]),
        "loads-p_set.csv": _csv_series(stamps, {"facility": hourly["facility_power_mw"]}),
        "generators.csv": _csv_table(["name", "bus", "p_nom", "marginal_cost"], made),
        "generators-p_max_pu.csv": _csv_series(stamps, most),
    }
    if least:
        files["generators-p_min_pu.csv"] = _csv_series(stamps, least)
    if stores:
        heads = ["name", "bus", "p_nom", "max_hours", "efficiency_store", "efficiency_dispatch"]
        heads += ["standing_loss", "state_of_charge_initial", "marginal_cost"]
        files["storage_units.csv"] = _csv_table(heads, stores)
        files["storage_units-p_max_pu.csv"] = _csv_series(stamps, there)
        files["storage_units-p_min_pu.csv"] = _csv_series(stamps, {k: -v for k, v in there.items()})
    return files


def _generators(
    result: Result, hourly: Mapping[str, Floats]
) -> tuple[list[list[str]], dict[str, Floats], dict[str, Floats]]:
    """Return generators, the most and the least they give over their rating."""
    rows: list[list[str]] = []
    most: dict[str, Floats] = {}
    least: dict[str, Floats] = {}
    as_they_ran = {kind.figure for kind in kinds_of("dispatchable", "backup")}
    end = "_generation_mw"
    for name, made_mw in hourly.items():
        if not name.endswith(end) or not made_mw.any():
            continue
        source, rated = name.removesuffix(end), float(made_mw.max())
        rows.append([source, "site", repr(rated), "0.0"])
        most[source] = made_mw / rated
        if source in as_they_ran:
            least[source] = made_mw / rated
    room_mw = _room_mw(result, hourly)
    rated = max(float(room_mw.max(initial=0.0)), 1e-6)
    rows.append(["grid", "site", repr(rated), repr(IMPORT_COST)])
    most["grid"] = np.minimum(room_mw / rated, 1.0)
    load_mw = float(hourly["facility_power_mw"].max(initial=1.0))
    rows.append(["unserved", "site", repr(load_mw), repr(UNSERVED_COST)])
    most["unserved"] = np.ones_like(room_mw)
    return rows, most, least


def _room_mw(result: Result, hourly: Mapping[str, Floats]) -> Floats:
    """Return what of the connection sources that come through it leave for import."""
    wheeled = np.zeros_like(hourly["facility_power_mw"])
    for kind in all_kinds():
        for name in kind.columns([a for a in result.site.assets(kind.section) if kind.wheeled(a)]):
            wheeled = wheeled + hourly[f"{column_part(name)}_generation_mw"]
    return np.maximum(hourly["energized_mw"] - wheeled, hourly["grid_import_mw"])


def _stores(
    result: Result, hourly: Mapping[str, Floats], chosen: Any
) -> tuple[list[list[str]], dict[str, Floats]]:
    rows, there = [], {}
    held_mwh = result.hourly["battery_stored_mwh"]
    first = int(chosen.start)
    stores = list(assets_of(result.site, kinds_of("storage")))
    rated_mwh = sum(store.energy_mwh for _, store in stores) or 1.0
    for kind, store in stores:
        into, out_of = store.efficiencies
        share = store.energy_mwh / rated_mwh
        start = store.initial_frac * store.energy_mwh if first == 0 else held_mwh[first - 1] * share
        hours, loss = store.energy_mwh / store.power_mw, store.self_discharge_per_h
        numbers = (store.power_mw, hours, into, out_of, loss, float(start), WEAR_COST)
        rows.append([store.name, "site", *map(repr, numbers)])
        level = result.timeline.available_mw(kind.key(store))[chosen]
        there[store.name] = np.minimum(level / store.power_mw, 1.0)
    return rows, there


def _steps(result: Result, year: int | None) -> slice:
    if year is None:
        return slice(0, result.calendar.n_hours)
    inside = np.flatnonzero(result.calendar.year == whole_number(year, "year"))
    if not inside.size:
        first, last = int(result.calendar.year[0]), int(result.calendar.year[-1])
        raise ScenarioError([Problem("", f"year {year}", f"the run holds {first} to {last}")])
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _csv_table(heads: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([[text_cell(cell) for cell in row] for row in rows])
    return text.getvalue()


def _csv_series(stamps: list[str], columns: Mapping[str, Floats]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["snapshot", *columns])
    for stamp, *values in zip(stamps, *(v.tolist() for v in columns.values()), strict=True):
        writer.writerow([stamp, *map(repr, values)])
    return text.getvalue()


def export(
    result: Result | str | Path,
    out: str | Path,
    *,
    format: ExportFormat = "csv",
    year: int | None = None,
) -> list[Path]:
    """Write load and supply of a run for other programs, whole or not at all.

    ``csv`` and ``netcdf`` are files with the start of each step in UTC, powers in MW and energies
    in MWh; netCDF carries units and names by the CF conventions. ``pypsa`` is a folder that
    ``pypsa.Network().import_from_csv_folder`` reads.

    Parameters
    ----------
    result : Result, str or Path
        What `dcsim.simulate` returns, or the folder of a run that was saved.
    out : str or Path
        File, which is replaced if it is there; or folder of a network, which must not be there.
    format : {"csv", "netcdf", "pypsa"}
        Format of the export; ``netcdf`` needs the extra ``export``.
    year : int, optional
        Calendar year of the run; all of it by default.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ScenarioError
        If the format is unknown, the year is not in the run, or the folder holds no run.
    OutputError
        If `out` is there already, or cannot be written.
    MissingExtraError
        If the format needs a package that is not installed.
    TypeError
        If `result` is neither a result nor a folder.

    Examples
    --------
    >>> import tempfile
    >>> import dcsim
    >>> result = dcsim.simulate(dcsim.load("scenarios/minimal.yaml"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file] = dcsim.export(result, Path(folder, "supply.csv"), year=2028)
    ...     with file.open() as text:
    ...         print(next(text)[:31], "…")
    time,it_power_mw,cooling_power_ …
    """
    one_of(format, "format", EXPORT_FORMATS)
    out = path_from(out, "out")
    check_target(out, format)
    run = _run_of(result)
    if format == "pypsa":
        files = {name: text.encode() for name, text in to_pypsa(run, year).items()}
        return _export_network(out, files)
    return _export_file(
        out, to_csv(run, year).encode() if format == "csv" else to_netcdf(run, year)
    )


def check_target(out: Path, format: ExportFormat) -> None:
    """Refuse a folder that is there already, a file where a network goes, what is not writable."""
    if out.exists() and (format == "pypsa" or out.is_dir()):
        raise OutputError(f"{out}: is there already; name a new one")
    refuse = refuse_unwritable_place if format == "pypsa" else refuse_unwritable_file
    refuse(out)


def _run_of(result: object) -> Result:
    if isinstance(result, Result):
        return result
    if isinstance(result, str | Path):
        return read_run(result)
    given = type(result).__name__
    hint = "; simulate it first: dcsim.simulate(...)" if given == "Scenario" else ""
    raise TypeError(f"export() takes a Result or the folder of a run, not {given}{hint}")


def _export_file(out: Path, content: bytes) -> list[Path]:
    write_output_file(out, content)
    return [out]


def _export_network(out: Path, files: Mapping[str, bytes]) -> list[Path]:
    part = _part_of(out)
    try:
        part.mkdir(parents=True)
        for name, content in files.items():
            (part / name).write_bytes(content)
        part.rename(out)
    except OSError as error:
        raise cannot_write(out, error) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return [out / name for name in files]


def _part_of(out: Path) -> Path:
    """Return the name, beside the one that was given, under which an export is written first."""
    return out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
