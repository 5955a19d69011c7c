"""Products, orders, failures and demand."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.fleet import Fleet, Order, Product, Segment

PRODUCT = {"name": "server", "power": "1.8 kW", "server_size": "8 GPU", "rack_size": "72 GPU"}
ORDER = {"name": "first", "product": "server", "gpus": "720 GPU", "lead_time": "4 weeks"}
FLEET = {
    "failure_rate": "0.5 1/GPU/year",
    "hands": 0.4,
    "recovery": "2 h",
    "technicians": 3,
    "hands_on": "1 h",
    "repair": "8 h",
    "spares": 10,
    "spare_lead_time": "2 weeks",
}
SEGMENT = {"name": "all", "use": "training", "gpus": "100 GPU", "at": "2030-01-01"}


def test_a_rack_holds_whole_servers():
    assert Product.model_validate(PRODUCT).rack_size == 72
    with pytest.raises(ValidationError, match="72 GPU is not a whole number of servers of 7 GPU"):
        Product.model_validate({**PRODUCT, "server_size": "7 GPU"})


@pytest.mark.parametrize("busy", ["training", "inference"])
def test_a_busy_gpu_draws_no_less_than_an_idle_one(busy):
    level = Product.model_validate({**PRODUCT, "idle": 0.4, busy: 0.4})
    assert level.idle_frac == 0.4
    with pytest.raises(ValidationError, match="idle is more than what a busy GPU draws"):
        Product.model_validate({**PRODUCT, "idle": 0.4, busy: 0.39})


def test_an_order_is_placed_on_a_day_or_after_a_work():
    order = Order.model_validate({**ORDER, "placed": "2030-02-01"})
    assert (order.placed, order.lead_time_h, order.interval_h) == (date(2030, 2, 1), 672, 168)
    for keys in ({}, {"placed": "2030-02-01", "after": "shell"}):
        with pytest.raises(ValidationError, match="either placed or after, not both"):
            Order.model_validate({**ORDER, **keys})


def test_a_technician_leaves_before_the_server_is_back():
    assert Fleet.model_validate(FLEET).failure_rate_per_gpu_year == 0.5
    with pytest.raises(ValidationError, match="hands_on is longer than repair"):
        Fleet.model_validate({**FLEET, "hands_on": "9 h"})


@pytest.mark.parametrize("n_hours", [1, 24])
def test_a_shape_is_one_number_or_one_an_hour(n_hours):
    segment = Segment.model_validate({**SEGMENT, "weekday": [0.5] * n_hours})
    assert segment.weekday == (0.5,) * n_hours


def test_a_shape_of_another_length_is_refused():
    with pytest.raises(ValidationError, match="weekend has 12 values; write 1 or 24"):
        Segment.model_validate({**SEGMENT, "weekend": [1.0] * 12})


@pytest.mark.parametrize("key", ["weekday", "weekend"])
def test_a_measured_shape_stands_alone(key):
    with pytest.raises(ValidationError, match="either shape or weekday and weekend"):
        Segment.model_validate({**SEGMENT, "shape": "chat", key: [0.9]})
