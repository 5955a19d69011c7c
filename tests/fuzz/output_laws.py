"""Laws of a run, from its output files alone: no line here calls dcsim.

`broken_laws` reads `hourly.parquet`, `timeline.csv`, `ledger.csv` and `summary.json`, and the site
as it was written, and returns what does not hold.
"""

from __future__ import annotations

import csv
import datetime
import itertools
import json
import zoneinfo
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

TOLERANCE_MW = 1e-6
SUMS = {
    "facility_mwh": "facility_power_mw",
    "it_mwh": "it_power_mw",
    "cooling_mwh": "cooling_power_mw",
    "electrical_loss_mwh": "electrical_loss_mw",
    "import_mwh": "grid_import_mw",
    "export_mwh": "grid_export_mw",
    "charge_mwh": "battery_charge_mw",
    "discharge_mwh": "battery_discharge_mw",
    "curtailed_mwh": "curtailed_mw",
    "unserved_mwh": "unserved_mw",
    "throttled_mwh": "throttled_mw",
    "renewable_mwh": "renewable_mw",
    "carbon_free_mwh": "carbon_free_mw",
    "gpu_hours_online": "gpus_online_server",
}


def number(text: str) -> float:
    """Return the number of a value such as ``1.5 MW`` or ``50 %``."""
    value, unit = text.split()
    return float(value) / 100 if unit == "%" else float(value)


class Files:
    """The files of a run, and the site as it was written."""

    def __init__(self, folder: Path, site: dict[str, Any], step_h: float) -> None:
        found = duckdb.sql(f"select * from '{folder / 'hourly.parquet'}' order by time")
        self.column = {name: np.asarray(x) for name, x in found.fetchnumpy().items()}
        self.summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        with (folder / "ledger.csv").open(encoding="utf-8", newline="") as file:
            self.ledger = list(csv.DictReader(file))
        with (folder / "timeline.csv").open(encoding="utf-8", newline="") as file:
            self.timeline = list(csv.DictReader(file))
        self.site, self.step_h = site, step_h
        self.zero = np.zeros(self.column["time"].size)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.column.get(name, self.zero)

    def ends_with_a_step(self) -> bool:
        """Return False where a change of clocks lets the last step run beyond the end."""
        zone = zoneinfo.ZoneInfo(self.site["time_zone"])
        first, last = (
            datetime.datetime.fromisoformat(self.site[key]).replace(tzinfo=zone).timestamp()
            for key in ("start", "end")
        )
        return (last - first) % (self.step_h * 3600) == 0

    def there(self, asset: str) -> np.ndarray:
        """Return the share of an asset that no outage takes, by step."""
        start = self.column["time"].astype("datetime64[s]").astype(np.int64)
        end, share = start + round(self.step_h * 3600), np.ones(start.size)
        for outage in self.summary["outages"]:
            if outage["asset"] == asset:
                first, last = (
                    datetime.datetime.fromisoformat(outage[key]).timestamp()
                    for key in ("start", "end")
                )
                covered = np.clip(np.minimum(end, last) - np.maximum(start, first), 0, None)
                share -= outage["lost_frac"] * covered / (end - start)
        return np.clip(share, 0, 1)

    def limit_mw(self) -> np.ndarray:
        """Return the most that the connection carries."""
        energized = number(self.site["power"]["steps"][0]["adds"])
        if self.site["power"]["basis"] == "it":
            energized = np.maximum(energized * 1.2, self["facility_power_mw"])
        return energized * self.there("grid")

    def wheeled_mw(self) -> np.ndarray:
        """Return what came through the connection from plants and contracts."""
        total = self["firm_generation_mw"].copy()
        for section in ("solar", "wind"):
            for plant in self.site.get(section, ()):
                if plant["delivery"] == "grid":
                    total += self[f"{section}_generation_mw"]
        return total

    def reach_mw(self, section: str) -> np.ndarray:
        """Return the most a plant that follows the load could give, after what it gave before."""
        plant = self.site[section][0]
        capacity = number(plant["capacity"])
        able = capacity * self.there(f"{section}.{plant['name']}")
        if "ramp" in plant:
            rise = float(plant["ramp"].split()[0]) * capacity * self.step_h
            made = self[f"{section}_generation_mw"]
            able = np.minimum(able, np.concatenate(([np.inf], made[:-1] + rise)))
        return able


def broken_laws(folder: Path, site: dict[str, Any], step_h: float) -> list[str]:
    """Return the laws that the files of a run break, each with where and by how much."""
    files = Files(folder, site, step_h)
    parts = (_balance, _service, _stores, _sums, _work, _money, _states)
    return [text for part in parts for text in part(files)]


def _worst(name: str, excess: np.ndarray, tolerance: float = TOLERANCE_MW) -> list[str]:
    """Return a complaint where an excess is above its tolerance; NaN is."""
    wrong = ~(np.atleast_1d(excess) <= tolerance)
    if not wrong.any():
        return []
    return [f"{name}: {np.atleast_1d(excess)[wrong][0]} in {np.flatnonzero(wrong)[:3].tolist()}"]


def _close(name: str, one: float, other: float) -> list[str]:
    scale = max(1.0, abs(one), abs(other))
    return [] if abs(one - other) <= 1e-7 * scale else [f"{name}: {one} is not {other}"]


def _balance(files: Files) -> list[str]:
    made = sum(
        (files[name] for name in files.column if name.endswith("_generation_mw")), files.zero
    )
    sources = made + files["grid_import_mw"] + files["battery_discharge_mw"] + files["unserved_mw"]
    sinks = files["facility_power_mw"] + files["battery_charge_mw"]
    sinks = sinks + files["grid_export_mw"] + files["curtailed_mw"]
    drawn = files["it_power_mw"] + files["cooling_power_mw"] + files["electrical_loss_mw"]
    found = _worst("a step does not close", np.abs(sources - sinks))
    found += _worst("the load is not its parts", np.abs(files["facility_power_mw"] - drawn))
    for name, values in files.column.items():
        if name.endswith(("_mw", "_mwh")) or name.startswith("gpus_"):
            found += _worst(f"{name} is below zero", -values, 1e-9)
    carried = np.minimum(files.wheeled_mw(), files.limit_mw())
    found += _worst("import over its limit", files["grid_import_mw"] + carried - files.limit_mw())
    export = min(files.site["grid"].get("export_limit", "0 MW"), "1 MW")
    found += _worst("export over its limit", files["grid_export_mw"] - number(export))
    found += _worst(
        "more renewable than carbon-free", files["renewable_mw"] - files["carbon_free_mw"]
    )
    return found + _worst(
        "more carbon-free than load", files["carbon_free_mw"] - files["facility_power_mw"]
    )


def _service(files: Files) -> list[str]:
    short = files["unserved_mw"] > TOLERANCE_MW
    found = _worst("unserved over load", files["unserved_mw"] - files["facility_power_mw"])
    idle = files.limit_mw() - np.minimum(files.wheeled_mw(), files.limit_mw())
    found += _worst("unserved, grid idle", (idle - files["grid_import_mw"])[short])
    found += _worst("unserved, yet charging", files["battery_charge_mw"][short])
    found += _worst("unserved, yet fed back", files["grid_export_mw"][short])
    for section in ("chp", "reactors"):
        if section in files.site:
            able, made = files.reach_mw(section), files[f"{section}_generation_mw"]
            found += _worst(f"unserved, {section} idle", (able - made)[short])
            found += _worst(f"{section} over what it can give", made - able)
    for group in files.site.get("gensets", ()):
        most = group["units"] * number(group["unit_power"])
        made = files["genset_generation_mw"]
        found += _worst("gensets over their power", made - most)
        if "start_failure" not in group:
            found += _worst("unserved, gensets idle", (most - made)[short])
    return found


def _stores(files: Files) -> list[str]:
    stores = files.site.get("batteries", ())
    charge, discharge = files["battery_charge_mw"], files["battery_discharge_mw"]
    level = files["battery_stored_mwh"]
    energy = [number(store["energy"]) for store in stores]
    found = _worst("charge and discharge at once", np.minimum(charge, discharge), 0.0)
    found += _worst("more stored than fits", level - sum(energy))
    rise = np.diff(level) - (charge - discharge)[1:] * files.step_h
    found += _worst("energy from nothing", rise)
    power = [number(store.get("discharge_power", store["power"])) for store in stores]
    least = [
        number(store.get("minimum", "0 %")) * e for store, e in zip(stores, energy, strict=True)
    ]
    short = files["unserved_mw"] > TOLERANCE_MW
    held_back = np.full(int(short.sum()), np.inf)
    # Each is at its power, whatever it holds, or at its minimum: one such choice fits the sums.
    for full in itertools.product((True, False), repeat=len(stores)):
        given = sum(p for p, is_full in zip(power, full, strict=True) if is_full)
        held = sum(e if f else m for e, m, f in zip(energy, least, full, strict=True))
        excess = np.maximum(given - discharge[short], level[short] - held)
        held_back = np.minimum(held_back, excess)
    return found + (_worst("unserved, stores idle", held_back) if stores else [])


def _sums(files: Files) -> list[str]:
    found = []
    for figure, column in SUMS.items():
        total = float(files[column].sum()) * files.step_h
        found += _close(figure, files.summary[figure], total)
        found += _close(f"years of {figure}", sum(files.summary["yearly"][figure]), total)
    facility, it = files.summary["facility_mwh"], files.summary["it_mwh"]
    if it > 0:
        found += _close("pue_mean", files.summary["pue_mean"], facility / it)
    for name in ("peak_facility_mw", "peak_import_mw"):
        column = {"peak_facility_mw": "facility_power_mw"}.get(name, "grid_import_mw")
        found += _close(name, files.summary[name], float(files[column].max()))
    for share, part in (("renewable", "renewable_mwh"), ("carbon_free", "carbon_free_mwh")):
        if facility > 0:
            ratio = files.summary[part] / facility
            found += _close(share, files.summary[f"{share}_hourly_frac"], ratio)
    for plant in files.site.get("chp", ()):
        fuel = files.summary["chp_mwh"] / number(plant["efficiency"])
        found += _close("fuel", files.summary["fuel_mwh"], fuel)
    return found + _emissions(files)


def _emissions(files: Files) -> list[str]:
    """Market-based emissions by hand, where no surplus has to be set aside."""
    s = files.summary
    if s["curtailed_mwh"] > 1e-9 or s["export_mwh"] > 1e-9:
        return []
    kg = 417 * s["import_mwh"] + 370 * s["chp_mwh"] + 700 * s["genset_mwh"]
    for contract in files.site.get("contracts", ()):
        made = float(files["firm_generation_mw"].sum()) * files.step_h
        kg += made * number(contract.get("carbon", "0 kg"))
    return _close("market-based emissions", s["carbon_market_t"], kg / 1000)


def _work(files: Files) -> list[str]:
    load = files["facility_power_mw"]
    dark = np.divide(files["unserved_mw"], load, out=np.zeros_like(load), where=load > 0)
    online = files["gpus_online_server"]
    busy = files["gpus_busy_training"] + files["gpus_busy_inference"]
    found = _worst("GPUs without power at work", busy - online * (1 - dark), 1e-6)
    summary, h = files.summary, files.step_h
    found += _close("busy", summary["gpu_hours_busy"], float(busy.sum()) * h)
    lost = float((online * dark).sum()) * h
    found += _close("without power", summary["gpu_hours_unserved"], lost)
    if files.ends_with_a_step():
        found += _close("online", summary["gpu_hours_online"], 24 * summary["gpu_days"]["online"])
    if summary["gpu_hours_online"]:
        used = summary["gpu_hours_busy"] / summary["gpu_hours_online"]
        found += _close("utilization", summary["utilization_frac"], used)
    return found


def _money(files: Files) -> list[str]:
    lines = [
        (line["kind"], float(line["quantity"]), float(line["rate"]), float(line["amount"]))
        for line in files.ledger
    ]
    found = [
        text
        for kind, quantity, rate, amount in lines
        for text in _close(kind, amount, quantity * rate)
    ]

    def quantity_of(*starts: str) -> float:
        return sum(quantity for kind, quantity, _, _ in lines if kind.startswith(starts))

    def amount_of(*starts: str) -> float:
        return sum(amount for kind, _, _, amount in lines if kind.startswith(starts))

    summary = files.summary
    found += _close("GPU-hours that earn", quantity_of("rental"), summary["gpu_hours_busy"])
    found += _close("income", summary["income_usd"], amount_of("rental"))
    lost = 2.0 * summary["gpu_hours_busy"]
    found += _close("price of a GPU-hour", summary["income_usd"], lost)
    bought = quantity_of("grid_energy")
    found += _close("energy that is billed", bought, summary["import_mwh"])
    energy = -amount_of("grid_", "ppa_", "chp_", "reactor_", "genset_")
    found += _close("cost of energy", summary["energy_cost_usd"], energy)
    found += _close("cash flow", summary["cash_flow_usd"], amount_of(""))
    return found + _worst("rental that is lost", np.array([-summary["income_unserved_usd"]]), 0.0)


def _states(files: Files) -> list[str]:
    counts: dict[str, int] = {}
    for line in files.timeline:
        if line["kind"] == "gpus":
            origin, target = line["event"].split(" -> ")
            counts[origin] = counts.get(origin, 0) - int(line["gpus"])
            counts[target] = counts.get(target, 0) + int(line["gpus"])
    ordered = -counts.pop("outside", 0)
    found = _close("GPUs of all states", sum(counts.values()), ordered)
    found += _close("GPUs ordered", ordered, number(files.site["orders"][0]["gpus"]))
    found += [f"{state} holds {n} GPUs" for state, n in counts.items() if n < 0]
    return found + _close(
        "GPUs online at the end", files.summary["gpus_online_end"], counts.get("online", 0)
    )
