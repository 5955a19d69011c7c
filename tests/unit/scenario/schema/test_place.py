"""What a site is by default because of where it lies."""

from __future__ import annotations

import subprocess
import sys
import zoneinfo

import pytest

from dcsim.scenario.schema import place
from dcsim.scenario.schema.place import azimuth_to_equator, zone_at


@pytest.mark.parametrize(
    ("where", "zone"),
    [
        ((52.52, 13.40), "Europe/Berlin"),
        ((39.04, -77.49), "America/New_York"),
        ((33.45, -112.07), "America/Phoenix"),  # no summer time, unlike its neighbors
        ((27.7, 85.3), "Asia/Kathmandu"),  # a quarter of an hour
        ((-34.9, 138.6), "Australia/Adelaide"),  # half an hour, with summer time
        ((-43.95, -176.55), "Pacific/Chatham"),
        ((65.83, 24.13), "Europe/Stockholm"),  # at the border
        ((30.0, -40.0), "Etc/GMT+3"),  # at sea: west of Greenwich the sign is plus
        ((-90.0, 0.0), "Antarctica/McMurdo"),
        ((0.0, 180.0), "Etc/GMT-12"),
    ],
)
def test_the_zone_is_the_one_in_force_there(where, zone):
    assert zone_at(*where) == zone


def test_a_zone_that_the_system_does_not_know_is_none(monkeypatch):
    def unknown(_: str) -> zoneinfo.ZoneInfo:
        raise zoneinfo.ZoneInfoNotFoundError

    monkeypatch.setattr(place.zoneinfo, "ZoneInfo", unknown)
    assert zone_at(10.25, 20.25) is None
    zone_at.cache_clear()


def test_modules_face_the_noon_sun():
    assert [azimuth_to_equator(at) for at in (60.0, 0.0, -0.1, -60.0)] == [180.0, 180.0, 0.0, 0.0]


@pytest.mark.parametrize(("key", "loaded"), [("", True), ("time_zone: UTC\n", False)])
def test_places_are_looked_up_only_where_no_zone_is_named(tmp_path, minimal_text, key, loaded):
    (tmp_path / "plan.yaml").write_text(minimal_text + key, encoding="utf-8")
    code = "import dcsim, sys; dcsim.load('plan.yaml'); print('tzfpy' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{loaded}\n"
