"""Power of the site: the connection, what racks are provisioned for, losses, cooling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import HIGH_FAVORS, LOW_FAVORS, NEITHER_FAVORS, Name, Named, Part
from dcsim.scenario.schema.profile import LoadProfile
from dcsim.scenario.schema.quantity import (
    Celsius,
    Count,
    Fraction,
    Kelvins,
    LitersPerKwh,
    Megawatts,
    Pascals,
    Real,
    Share,
)

Pue = Annotated[Real, Field(ge=1, le=3)]


class PowerStep(Named):
    """A step of the connection; it adds to the steps before it."""

    adds_mw: Annotated[Megawatts, Field(gt=0, le=100_000), HIGH_FAVORS]
    """Contracted power it adds, measured as `basis` says."""
    works: Name | None = None
    """The work that energises it; without one it is there from the start."""
    granted_frac: Annotated[Share, HIGH_FAVORS] = 1.0
    """Share of it that is granted in the end."""


class Power(Part):
    """The contracted power and how racks are provisioned against it."""

    basis: Literal["facility", "it"]
    """Point at which the contracted power is measured: the meter, or the servers."""
    design_pue: Annotated[Pue, LOW_FAVORS]
    """Facility over IT power that the provisioning counts with."""
    network_frac: Annotated[Fraction, Field(ge=0, le=1), LOW_FAVORS] = 0.0
    """Network, storage and management, over the power of the GPU servers."""
    network_constant_frac: Annotated[Share, NEITHER_FAVORS] = 0.0
    """Share of `network` that draws the same whether the GPUs online work or wait, as switches do;
    the rest follows the draw of the servers."""
    oversubscription_frac: Annotated[Fraction, Field(ge=0, le=1), HIGH_FAVORS] = 0.0
    """Servers placed beyond the provisioned power; capping keeps the limit."""
    steps: Annotated[tuple[PowerStep, ...], Field(min_length=1)]
    """Steps of the connection, in the order of their use."""
    load: LoadProfile | None = None
    """Load from a file, in the place of what the GPUs draw; the connection still caps it."""


class Electrical(Part):
    """Losses between the meter and the servers."""

    ups_load: tuple[Share, ...] = (0.10, 0.25, 0.50, 0.75, 1.00)
    """Loads at which the efficiency of the UPS is given, over its rating."""
    ups_efficiency: tuple[Share, ...] = (0.90, 0.945, 0.965, 0.970, 0.968)
    """Efficiency at each of those loads."""
    ups_redundancy: Annotated[Real, Field(ge=1, le=3)] = 1.0
    """Installed over needed UPS rating: 2 for 2N, which halves the load of each."""
    transformer_no_load_frac: Share = 0.0
    """Loss of the transformers that is always there, over their rating."""
    transformer_load_frac: Share = 0.0
    """Further loss at full load, over their rating; it grows with the square of the load."""
    distribution_frac: Share = 0.0
    """Loss in busways and cables, over what they carry."""
    house_frac: Share = 0.0
    """Lighting and offices, over the IT power of the halls that are open."""

    @model_validator(mode="after")
    def _curve(self) -> Electrical:
        if len(self.ups_load) != len(self.ups_efficiency):
            raise ValueError("ups_load and ups_efficiency differ in length")
        if list(self.ups_load) != sorted(set(self.ups_load)):
            raise ValueError("ups_load is not in ascending order")
        if min(self.ups_efficiency) <= 0:
            raise ValueError("ups_efficiency must be above zero")
        return self


class FixedCooling(Part):
    """Cooling power as a fixed share of the heat."""

    model: Literal["fixed"] = "fixed"
    """Name of the model."""
    overhead_frac: Annotated[Fraction, Field(ge=0, le=2)]
    """Cooling power over heat."""


class EvaporativeCooling(Part):
    """Cooling power that is flat up to a wet-bulb temperature and linear above."""

    model: Literal["evaporative"] = "evaporative"
    """Name of the model."""
    overhead_frac: Annotated[Fraction, Field(ge=0, le=2)]
    """Cooling power over heat, up to the knee."""
    knee_c: Celsius
    """Wet-bulb temperature above which it rises."""
    slope_per_k: Annotated[Real, Field(ge=0, le=1)]
    """Rise of the overhead for each kelvin above the knee."""
    water_l_per_kwh: Annotated[LitersPerKwh, Field(ge=0)] = 0.0
    """Water evaporated for each kWh of heat."""


class HybridCooling(Part):
    """Air by tower economiser and chiller, liquid by a warm-water loop, weighed by their heat."""

    model: Literal["hybrid"] = "hybrid"
    """Name of the model."""
    air_fan_frac: Annotated[Fraction, Field(ge=0, le=1)]
    """Fans and pumps of the air path, over its heat."""
    air_supply_c: Annotated[Celsius, Field(ge=5, le=40)]
    """Supply water temperature of the air path."""
    liquid_pump_frac: Annotated[Fraction, Field(ge=0, le=1)]
    """Pumps and dry-cooler fans of the liquid path, over its heat."""
    liquid_supply_c: Annotated[Celsius, Field(ge=5, le=60)]
    """Supply water temperature of the liquid path."""
    water_rise_k: Annotated[Kelvins, Field(gt=0, le=30)]
    """Rise of the water over the load."""
    approach_k: Annotated[Kelvins, Field(ge=0, le=30)]
    """Tower and heat exchanger together: coldest water over wet bulb."""
    chiller_load_frac: Annotated[Fraction, Field(ge=0.1, le=1)]
    """Part load the chillers run at."""
    water_l_per_kwh: Annotated[LitersPerKwh, Field(ge=0)] = 0.0
    """Water evaporated for each kWh of heat that leaves through the towers."""


class Mover(Part):
    """Fans or pumps of one loop, at the flow they are built for."""

    pressure_pa: Annotated[Pascals, Field(ge=0, le=20_000_000)]
    """Pressure they work against."""
    efficiency_frac: Annotated[Fraction, Field(gt=0, le=1)]
    """Power to the flow over electric power."""


class LiquidLoop(Part):
    """A warm-water loop for the liquid share of the heat, with dry coolers."""

    supply_c: Annotated[Celsius, Field(ge=5, le=60)]
    """Water to the racks."""
    rise_k: Annotated[Kelvins, Field(gt=0, le=30)]
    """Rise of the water over the racks."""
    pumps: Mover
    """Of the loop."""
    approach_k: Annotated[Kelvins, Field(gt=0, le=30)]
    """Coldest water over dry bulb, at full air flow."""
    dry_fan_frac: Annotated[Fraction, Field(ge=0, le=1)]
    """Fans of the dry coolers at full air flow, over the heat."""


class Cold(Part):
    """Cold that comes with the gas of a plant next door, and goes with it."""

    plant: Name
    """The plant of the section chp whose gas it is."""
    cooling_mw: Annotated[Megawatts, Field(ge=0, le=10_000)]
    """Heat it takes while the plant runs at full availability."""


class PhysicalCooling(Part):
    """Economizer and chillers from pressures, flows and temperatures."""

    model: Literal["physical"] = "physical"
    """Name of the model."""
    sink: Literal["tower", "seawater"] = "tower"
    """Heat sink: cooling towers, or the sea."""
    sea_c: Annotated[tuple[Celsius, ...], Field(min_length=12, max_length=12)] | None = None
    """Sea temperature by month, at the intake."""
    air_supply_c: Annotated[Celsius, Field(ge=10, le=45)]
    """Air to the racks."""
    air_rise_k: Annotated[Kelvins, Field(gt=0, le=40)]
    """Rise of the air over the racks."""
    water_rise_k: Annotated[Kelvins, Field(gt=0, le=30)]
    """Rise of the facility water over the air handlers."""
    sink_rise_k: Annotated[Kelvins, Field(gt=0, le=30)]
    """Rise of the tower or sea water."""
    tower_approach_k: Annotated[Kelvins, Field(ge=0, le=30)] = 0.0
    """Tower water over wet bulb."""
    exchanger_approach_k: Annotated[Kelvins, Field(ge=0, le=30)]
    """Facility water over the water of the sink."""
    coil_frac: Annotated[Fraction, Field(gt=0, le=1)]
    """Effectiveness of the coils of the air handlers."""
    sensible_frac: Annotated[Fraction, Field(gt=0, le=1)]
    """Sensible share of the heat the coils take; the rest is moisture that is put back."""
    fans: Mover
    """Of the air handlers."""
    tower_fans: Mover | None = None
    """Of the towers."""
    liquid_to_gas: Annotated[Real, Field(gt=0, le=10)] = 1.0
    """Mass of water over mass of air in the towers."""
    humidifier: Mover
    """Pumps of the humidifiers."""
    economizer_pumps: Mover
    """Of the water that goes by the exchanger."""
    chilled_pumps: Mover
    """Of the water that goes by the chillers."""
    sink_pumps: Mover
    """Of the tower or sea water."""
    chiller_load_frac: Annotated[Fraction, Field(ge=0.1, le=1)]
    """Part load of the chillers, where `chillers` does not say how many there are."""
    n_chillers: Annotated[Count, Field(ge=1, le=1000)] | None = None
    """Chillers that carry the full heat of the halls; they are switched on as needed."""
    n_spare_chillers: Annotated[Count, Field(ge=0, le=1000)] = 0
    """Further chillers that share the load: 1 for N+1, as many again for 2N."""
    cop_scatter_frac: Annotated[Fraction, Field(gt=-1, le=1)] = 0.0
    """Chillers better (positive) or worse than the fit."""
    minimum_flow_frac: Annotated[Fraction, Field(ge=0, le=1)] = 0.0
    """Least flow of air and facility water, over that of full halls; 1 for fixed speed."""
    water_cycles: Annotated[Real, Field(gt=1, le=50)] = 4.0
    """Times the salts of the tower water are concentrated before it is drained."""
    drift_frac: Annotated[Fraction, Field(ge=0, le=0.1)] = 0.0
    """Tower water that is blown away, over what circulates."""
    liquid: LiquidLoop | None = None
    """Loop for the liquid share; without one it goes the way of the air."""
    cold: Cold | None = None
    """Cold of a gas plant, used before the chillers."""

    @model_validator(mode="after")
    def _sink(self) -> PhysicalCooling:
        if self.sink == "tower" and self.tower_fans is None:
            raise ValueError("needs tower_fans, as the sink is a tower")
        if self.sink == "seawater" and self.sea_c is None:
            raise ValueError("needs sea, a temperature for each month, as the sink is seawater")
        return self


Cooling = Annotated[
    FixedCooling | EvaporativeCooling | HybridCooling | PhysicalCooling,
    Field(discriminator="model"),
]
