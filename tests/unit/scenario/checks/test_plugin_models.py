"""Each fault of what a plug-in hands over has its words; a sound model has none."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import pytest
from pydantic import Field

from dcsim.accounts.key_figures import run_records
from dcsim.entry_points import (
    ASSET_GROUP,
    COOLING_GROUP,
    METRIC_GROUP,
    POLICY_GROUP,
    ModelEntry,
)
from dcsim.errors import PluginError
from dcsim.plugins import (
    Asset,
    AssetKind,
    Capacity,
    CoolingModel,
    DispatchPolicy,
    EnergyPrice,
    Metric,
    MilestoneMetric,
    Part,
    Share,
)
from dcsim.results.columns import COLUMNS
from dcsim.scenario.checks.plugin_models import TAKEN_FIGURES, checked_model
from dcsim.scenario.schema.assets.registry import KINDS


class Waves(Asset):
    """Wave power."""

    capacity_mw: Capacity
    """Rated power."""


class Ice(Part):
    """Ice."""

    model: Literal["ice"] = "ice"
    """Name of the model."""
    melt_frac: Share = 0.1
    """Share that melts."""


class Keys(Part):
    """Keys of a policy."""

    hold_frac: Share = 0.5
    """Share that is kept."""


class Needed(Part):
    """Keys that others cannot do without."""

    hold_frac: Share
    """Share that is kept."""


class Taken(Part):
    """A key of dcsim."""

    objective: Annotated[str, Field()] = "none"
    """Taken."""


WAVES = AssetKind(
    section="waves",
    schema=Waves,
    about="Wave power.",
    sample_keys={"name": "a", "capacity": "2 MW"},
    label="waves",
    color="#123456",
    dispatch_class="variable",
    rated_mw=lambda asset: asset.capacity_mw,
    figure="waves",
    available=lambda asset, conditions: conditions.capacity_mw,
)


def ice(heat, outside, *, melt_frac):
    return None


def warm(heat, outside, *, melt_frac, fan_frac):
    return None


HOLD = DispatchPolicy(flows=ice, keys=Keys)
LOSS = Metric(name="loss_mwh", unit="MWh", meaning="lost", value=len)
STEP = MilestoneMetric(name="waves_mw", unit="MW", meaning="waves", over_time=len)


def kind(**changes):
    return dataclasses.replace(WAVES, **changes)


def metric(**changes):
    return dataclasses.replace(LOSS, **changes)


def milestone(**changes):
    return dataclasses.replace(STEP, **changes)


@pytest.mark.parametrize(
    ("group", "name", "model"),
    [
        (ASSET_GROUP, "waves", WAVES),
        (COOLING_GROUP, "ice", CoolingModel(Ice, ice)),
        (POLICY_GROUP, "hold-on", HOLD),
        (POLICY_GROUP, "hold-on", DispatchPolicy(planned=ice)),
        (METRIC_GROUP, "loss_mwh", LOSS),
        (METRIC_GROUP, "share_frac", metric(name="share_frac", unit="%")),
        (METRIC_GROUP, "starts", metric(name="starts", unit="")),
        (METRIC_GROUP, "waves_mw", STEP),
        (METRIC_GROUP, "gpus_cold", milestone(name="gpus_cold", unit="GPU")),
    ],
)
def test_a_sound_model_passes(group, name, model):
    assert checked_model(ModelEntry("p 1", group, name, "p:X"), model) is model


@pytest.mark.parametrize(
    ("group", "name", "model", "fault"),
    [
        (ASSET_GROUP, "waves", Waves, "is ModelMetaclass, must be an AssetKind of dcsim.plugins"),
        (ASSET_GROUP, "surf", WAVES, "the name of the entry point is not that of its section, wav"),
        (ASSET_GROUP, "solar", kind(section="solar"), "section solar is a key of dcsim already"),
        (ASSET_GROUP, "format", kind(section="format"), "section format is a key of dcsim already"),
        (ASSET_GROUP, "Waves", kind(section="Waves"), "use small letters, digits and '_'"),
        (ASSET_GROUP, "waves", kind(available=None), "available is no function"),
        (ASSET_GROUP, "waves", kind(schema=Ice), "schema is no class derived from Asset"),
        (ASSET_GROUP, "waves", kind(figure="it"), "figure it: choose another name"),
        (ASSET_GROUP, "waves", kind(label="solar"), "label solar: dcsim has a kind of this one"),
        (ASSET_GROUP, "waves", kind(kept_column=True), "kept_column: a site without such an asset"),
        (ASSET_GROUP, "waves", kind(color="blue"), "color blue: write it as #44AA99"),
        (ASSET_GROUP, "waves", kind(dispatch_class="wild"), "dispatch_class: choose of variable"),
        (ASSET_GROUP, "waves", kind(dated_fields={"x"}), "x is no field of its schema"),
        (ASSET_GROUP, "waves", kind(rated_mw=lambda _: 0), "rated_mw of its sample is not above 0"),
        (ASSET_GROUP, "waves", kind(sample_keys={"name": "a"}), "capacity: Field required"),
        (ASSET_GROUP, "waves", kind(price=lambda _: EnergyPrice()), "needs ledger_kind"),
        (COOLING_GROUP, "ice", Ice, "is ModelMetaclass, must be a CoolingModel"),
        (COOLING_GROUP, "ice", CoolingModel(dict, ice), "schema is no class derived from Part"),
        (COOLING_GROUP, "cold", CoolingModel(Ice, ice), "needs the field model: Literal['cold']"),
        (COOLING_GROUP, "ice", CoolingModel(Keys, ice), "needs the field model: Literal['ice']"),
        (COOLING_GROUP, "ice", CoolingModel(Ice, None), "draw is no function"),
        (COOLING_GROUP, "ice", CoolingModel(Ice, len), "draw lacks the keyword melt_frac"),
        (COOLING_GROUP, "ice", CoolingModel(Ice, warm), "draw has the keyword fan_frac, which is"),
        (POLICY_GROUP, "hold", ice, "is function, must be a DispatchPolicy"),
        (POLICY_GROUP, "reserve", HOLD, "dcsim has a policy reserve"),
        (POLICY_GROUP, "Hold", HOLD, "a policy is named by small letters, digits and '-'"),
        (POLICY_GROUP, "hold", DispatchPolicy(), "needs one of the functions flows and planned"),
        (POLICY_GROUP, "h", DispatchPolicy(flows=ice, planned=ice), "needs one of the functions"),
        (POLICY_GROUP, "h", DispatchPolicy(flows=ice, keys=dict), "keys is no class derived from"),
        (POLICY_GROUP, "h", DispatchPolicy(flows=ice, keys=Needed), "hold_frac needs a default"),
        (POLICY_GROUP, "h", DispatchPolicy(flows=ice, keys=Taken), "dispatch has a key objective"),
        (METRIC_GROUP, "loss_mwh", len, "must be a Metric or a MilestoneMetric"),
        (METRIC_GROUP, "gain_mwh", LOSS, "the name of the entry point is not that of its metric"),
        (METRIC_GROUP, "a-b", metric(name="a-b", unit=""), "use small letters, digits and '_'"),
        (METRIC_GROUP, "loss", metric(name="loss"), "the name loss says no unit, its unit is MWh"),
        (METRIC_GROUP, "loss_mwh", metric(unit=""), "loss_mwh says MWh, its unit is none"),
        (METRIC_GROUP, "loss_mwh", metric(value=1), "value is no function"),
        (METRIC_GROUP, "waves_mw", milestone(unit="kW"), "has a target in GPU or in MW"),
        (METRIC_GROUP, "waves_mw", milestone(unit="GPU"), "begin it with gpus_ for GPU"),
        (METRIC_GROUP, "gpus_a_mw", milestone(name="gpus_a_mw"), "begin it with gpus_ for GPU"),
        (METRIC_GROUP, "energized_mw", milestone(name="energized_mw"), "dcsim has a metric of"),
        (METRIC_GROUP, "waves_mw", milestone(over_time=1), "over_time is no function"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_package_and_entry_point(group, name, model, fault):
    with pytest.raises(PluginError) as caught:
        checked_model(ModelEntry("p 1", group, name, "p:X"), model)
    message = str(caught.value)
    assert message.startswith(f"p 1, entry point {name} = p:X of {group}: ")
    assert fault.replace("above 0", "above zero") in message


def test_every_stem_that_figures_or_columns_have_is_taken():
    figures = {name.removesuffix("_mwh") for name in run_records() if name.endswith("_mwh")}
    columns = {
        column.name.removesuffix("_generation_mw")
        for column in COLUMNS
        if column.name.endswith("_generation_mw")
    }
    assert {*figures, *columns} - {"{source}"} <= TAKEN_FIGURES
    assert {one.figure for one in KINDS} <= TAKEN_FIGURES
