"""Formats of weather files: a path in, its checked rows out.

A new format is a module beside this one, a line in `FORMATS`, a test and a row of the table in
``docs/models/weather.md``.
"""

from __future__ import annotations

from pathlib import Path

from dcsim.series.data_file import Faults, read_lines, refuse_long_lines
from dcsim.weather.formats.epw import EPW
from dcsim.weather.formats.pvgis import PVGIS_CSV, PVGIS_JSON
from dcsim.weather.formats.sam_csv import SAM_CSV
from dcsim.weather.formats.table import PLAIN_TABLE, read_parquet_weather
from dcsim.weather.formats.tmy3 import TMY3
from dcsim.weather.formats.weather_file import ReadOptions, WeatherFile, WeatherFormat

PARQUET = ".parquet"
"""Ending of plain tables that are no text."""
FORMATS: tuple[WeatherFormat, ...] = (EPW, SAM_CSV, TMY3, PVGIS_CSV, PVGIS_JSON, PLAIN_TABLE)
"""Tried in this order; the plain table takes every CSV file that no format before it knows."""


def read_weather_file(path: Path, shown: str, options: ReadOptions) -> WeatherFile:
    """Read a weather file in the first format that recognizes it.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        What messages call it; its ending decides which formats are tried.
    options : ReadOptions
        Repairs, and titles of a plain table.

    Raises
    ------
    ScenarioError
        If no format reads files of this ending, or the file is unfit, by line and column.
    """
    faults = Faults(shown, "weather.file")
    suffix = Path(shown).suffix.lower()
    if suffix == PARQUET:
        return read_parquet_weather(path, faults, options)
    formats = [form for form in FORMATS if form.suffix == suffix]
    if not formats:
        endings = [*((form.name, form.suffix) for form in FORMATS), (PLAIN_TABLE.name, PARQUET)]
        known = ", ".join(f"{name} ({ending})" for name, ending in endings)
        raise faults.stop(None, f"must be a file in one of these formats: {known}")
    lines = read_lines(path, faults)
    if suffix != ".json":  # which may well be one line
        refuse_long_lines(lines, faults)
    form = next((form for form in formats if form.recognize(lines)), None)
    if form is None:
        names = ", ".join(form.name for form in formats)
        raise faults.stop(1, f"is in none of the formats that end in {suffix}: {names}")
    return form.read(lines, faults, options)
