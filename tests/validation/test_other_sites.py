"""Three sites in other parts of the world, each against an account made by hand from its inputs."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest

import dcsim

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
HOUR = datetime.timedelta(hours=1)
PRICES = {"L": 50.0, "M": 100.0, "P": 200.0}
WEEKDAY = "LLLLLLLLMMMMPPPPPPMMMMLL"
TARIFF = {
    "price_year": 2026,
    "demand_charge": "10 USD/kW/month",
    "seasons": [
        {
            "name": "all",
            "months": list(range(1, 13)),
            "light": "50 USD/MWh",
            "middle": "100 USD/MWh",
            "peak": "200 USD/MWh",
            "weekday": WEEKDAY,
            "saturday": "L" * 24,
            "sunday": "L" * 24,
        }
    ],
}
MONEY = {
    "currency": "USD",
    "price_year": 2026,
    "discount_rate": "5 %",
    "costs": {"operator": "op"},
    "tariff": TARIFF,
}


LULEA = [0.1, 0.6, 1.9, 3.7, 5.2, 5.9, 5.3, 3.9, 2.2, 0.9, 0.2, 0.05]
"""Sunshine at 65.6 N, month by month. [kWh/m2/day]"""


def simulated(folder, **keys):
    """Run the minimal site with other keys, its files in a folder."""
    site = {"extends": str(MINIMAL.name), **keys}
    (folder / MINIMAL.name).write_text(MINIMAL.read_text(encoding="utf-8"), encoding="utf-8")
    return dcsim.simulate(dcsim.load(site, base=folder))


def local_hours(zone, first, last):
    """Every hour between two local midnights, on the clock of a zone."""
    moment = datetime.datetime.combine(first, datetime.time(), zoneinfo.ZoneInfo(zone))
    end = datetime.datetime.combine(last, datetime.time(), zoneinfo.ZoneInfo(zone))
    at, found = moment.astimezone(datetime.UTC), []
    while at < end.astimezone(datetime.UTC):
        found.append(at.astimezone(moment.tzinfo))
        at += HOUR
    return found


def energy_bill(hours, power_mw):
    """Energy at the price of the band of its hour, each local day by its weekday."""
    bands = [WEEKDAY[t.hour] if t.weekday() < 5 else "L" for t in hours]
    return sum(PRICES[band] * mw for band, mw in zip(bands, power_mw, strict=True))


def demand_bill(hours, power_mw):
    """The highest hour of each month at 10 USD/kW."""
    months = {}
    for t, mw in zip(hours, power_mw, strict=True):
        months[t.month] = max(months.get(t.month, 0.0), mw)
    return sum(months.values()) * 10_000


def paid(result, kind):
    lines = zip(result.ledger["amount"], result.ledger["kind"], strict=True)
    return -sum(amount for amount, of in lines if of.startswith(kind))


def test_a_northern_site_with_a_load_of_another_year_on_its_own_clock(tmp_path):
    """Load by the clock of Stockholm in 2025, run over 2027 under the tariff of above."""
    zone = "Europe/Stockholm"

    def load_mw(t):  # Monday to Friday, by day more than by night; Sunday evening a peak
        if t.weekday() == 6 and t.hour == 20:
            return 7.0
        return (5.0 if 8 <= t.hour < 18 else 3.0) if t.weekday() < 5 else 1.0

    year = local_hours(zone, datetime.date(2025, 1, 1), datetime.date(2026, 1, 1))
    cells = [(f"{t:%d.%m.%Y %H:%M}", f"{load_mw(t):.1f}".replace(".", ",")) for t in year]
    rows = ["Zeit;Last [MW]", *map(";".join, cells)]
    text = "\r\n".join(rows)
    (tmp_path / "load.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    result = simulated(
        tmp_path,
        latitude="65.6 degree",
        longitude="22.1 degree",
        time_zone=zone,
        start="2027-01-01",
        end="2028-01-01",
        weather={"climate": {"ghi_kwh_m2_day": LULEA}},
        power={
            "load": {
                "file": "load.csv",
                "column": "Last [MW]",
                "of": "facility",
                "time_zone": zone,
                "dates": "day-first",
            }
        },
        money=MONEY,
    )
    hours = local_hours(zone, datetime.date(2027, 1, 1), datetime.date(2028, 1, 1))
    wanted = [load_mw(t) for t in hours]
    drawn = result.hourly["facility_power_mw"]
    differ = np.flatnonzero(np.abs(drawn - wanted) > 1e-9)
    # 2025 begins on a Wednesday and 2027 on a Friday: the first days of 2027 stand for days a week
    # off; the hour that one spring skips and the other has lies in both on a Sunday at night.
    assert differ.size <= 2, [(hours[k], drawn[k], wanted[k]) for k in differ[:9]]
    assert paid(result, "grid_energy") == pytest.approx(energy_bill(hours, wanted), rel=1e-4)
    assert paid(result, "grid_demand") == pytest.approx(demand_bill(hours, wanted), rel=1e-9)
    assert any("weekday" in note for note in result.summary["notes"])


@pytest.mark.filterwarnings("ignore:DatetimeIndex.dayofyear")  # in pvlib
def test_a_southern_site_turns_its_panels_north(tmp_path):
    """A clear year at Perth, against pvlib called directly."""
    latitude, longitude = -31.95, 115.86
    times = pd.date_range("2027-01-01", "2028-01-01", freq="1h", tz="Australia/Perth")[:-1]
    middle = times + pd.Timedelta(minutes=30)
    place = pvlib.location.Location(latitude, longitude, altitude=20)
    clear = place.get_clearsky(middle, model="haurwitz")
    sun = pvlib.solarposition.get_solarposition(middle, latitude, longitude, altitude=20)
    parts = pvlib.irradiance.erbs(clear["ghi"], sun["zenith"], middle)
    rows = [
        "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2",
        *(
            f"{t.isoformat()},20,0.5,2,{g:.4f},{n:.4f},{d:.4f}"
            for t, g, n, d in zip(times, clear["ghi"], parts["dni"], parts["dhi"], strict=True)
        ),
    ]
    (tmp_path / "clear.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    keys = {
        "latitude": f"{latitude} degree",
        "longitude": f"{longitude} degree",
        "elevation": "20 m",
        "start": "2027-01-01",
        "end": "2028-01-01",
        "weather": {"file": "clear.csv"},
    }
    plant = {"name": "roof", "capacity": "4 MW", "delivery": "onsite", "tilt": "30 degree"}
    result = simulated(tmp_path, **keys, solar=[plant])
    assert result.summary["time_zone"] == "Australia/Perth"
    north = pvlib.irradiance.get_total_irradiance(
        30, 0, sun["apparent_zenith"], sun["azimuth"], parts["dni"], clear["ghi"], parts["dhi"]
    )["poa_global"]
    south = pvlib.irradiance.get_total_irradiance(
        30, 180, sun["apparent_zenith"], sun["azimuth"], parts["dni"], clear["ghi"], parts["dhi"]
    )["poa_global"]
    got = result.hourly["solar_generation_mw"]
    # Temperature, spectrum and inverter cost a tenth or two of what falls on the panels.
    assert 0.75 < got.sum() / (4 * north.sum() / 1000) < 0.95
    turned = simulated(tmp_path, **keys, solar=[{**plant, "azimuth": "180 degree"}])
    ratio = turned.hourly["solar_generation_mw"].sum() / got.sum()
    # Turned away, more of the light comes at grazing angles, which the glass reflects.
    assert 0.85 < ratio / (south.sum() / north.sum()) < 1
    # Symmetric about solar noon at Perth: 115.86 E is 16.6 minutes west of its zone's meridian.
    hour = np.array([t.hour + 0.5 for t in times])
    center = (got * hour).sum() / got.sum()
    assert center == pytest.approx(12 + (120 - longitude) / 15, abs=0.1)


@pytest.mark.parametrize("step", ["30 min", "1 h", "3 h"])
def test_a_site_in_a_half_hour_zone_pays_by_its_own_clock(tmp_path, step):
    """Hourly load in UTC at Mumbai, 5 h 30 min ahead: each local hour holds two halves."""
    zone = "Asia/Kolkata"
    first, last = datetime.date(2027, 1, 1), datetime.date(2028, 1, 1)
    begin = datetime.datetime(2026, 12, 31, tzinfo=datetime.UTC)
    utc = [begin + k * HOUR for k in range(8808)]

    def load_mw(t):
        return 2.0 + (t.hour % 6)

    rows = ["utc_timestamp,mw", *(f"{t:%Y-%m-%dT%H:%M}Z,{load_mw(t)}" for t in utc)]
    (tmp_path / "load.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = simulated(
        tmp_path,
        latitude="19.1 degree",
        longitude="72.9 degree",
        start=str(first),
        end=str(last),
        step=step,
        power={"load": {"file": "load.csv", "column": "mw", "of": "facility"}},
        money=MONEY,
    )
    assert result.summary["time_zone"] == zone
    hours = local_hours(zone, first, last)
    half = datetime.timedelta(minutes=30)
    by_hour = [
        (load_mw(t.astimezone(datetime.UTC)) + load_mw((t + half).astimezone(datetime.UTC))) / 2
        for t in hours
    ]
    step_h = {"30 min": 0.5, "1 h": 1.0, "3 h": 3.0}[step]
    drawn = result.hourly["facility_power_mw"]
    assert drawn.sum() * step_h == pytest.approx(sum(by_hour), rel=1e-9)
    if step_h <= 1:
        of_hours = drawn.reshape(-1, round(1 / step_h)).mean(axis=1)
        np.testing.assert_allclose(of_hours, by_hour, rtol=1e-12)
        assert paid(result, "grid_energy") == pytest.approx(energy_bill(hours, by_hour), rel=1e-9)
