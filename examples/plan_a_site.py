# %% [markdown]
# # Plan a site, step by step
#
# The first site of SK and AWS at Ulsan: 60,000 GPUs behind 103 MW by the end of 2029. When are they
# online, how sure is that, and what would help?

# %%
import sys
import tempfile
from pathlib import Path

import dcsim

figures = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
figures.mkdir(parents=True, exist_ok=True)
shipped = dcsim.Scenario.shipped_folder()
plan = dcsim.load(shipped / "ulsan-103mw.yaml", overrides={"end": "2031-01-01"})

# %% [markdown]
# ## One run
#
# Every uncertain value stands at its median: all milestones are met. How likely these dates are is
# another question, and has its answer below.

# %%
result = dcsim.simulate(plan)
print("Dates of one run at the medians, their confidence not computed:")
for milestone in result.milestones:
    print(f"{milestone['name']:<14}by {milestone['by']}, reached {milestone['reached']}")
dcsim.plots.capacity_curve(result).figure.savefig(figures / "capacity_curve.png")

# %% [markdown]
# ## A change
#
# The second step of the grid comes half a year late. `with_overrides` returns another scenario,
# checked anew; the first one stays as it is.

# %%
late = plan.with_overrides({"works.grid-103mw.slip": "6 months"})
print("All GPUs online in this one run:", dcsim.simulate(late).milestones[-1]["reached"])

# %% [markdown]
# ## How sure is it?
#
# Each replication draws all that is uncertain: slips, queues, deliveries, power per GPU. All GPUs
# are online in time in a quarter of the runs. They get there by the end of 2030 in fewer than half
# of them, so that there is no P50 date (`NaT`).

# %%
replications = dcsim.replicate(plan, 20)
print(replications.milestones.to_pandas()[["probability", "p50", "p80"]])
dcsim.plots.bands(replications).figure.savefig(figures / "bands.png")

# %% [markdown]
# ## What would help?
#
# A sweep runs all combinations of its axes. Slots say how many racks may be in commissioning at
# once; with 900 of them the plan stands half a year of delay better than with 450.

# %%
axes = {"works.grid-103mw.slip": ["0 months", "6 months"], "deployment.slots": [225, 450, 900]}
sweep = dcsim.sweep(plan, {"grid": axes})
slip, slots = axes
print(sweep.to_pandas().pivot(index=slip, columns=slots, values="milestone.all-gpus.reached"))
dcsim.plots.heat_map(sweep, "milestone.all-gpus").figure.savefig(figures / "heat_map.png")

# %% [markdown]
# ## Is it worth it?
#
# Both plans meet the same random numbers in each replication, so that few runs tell them apart.
# `days` is the median by which a milestone moves; negative is earlier.

# %%
more_slots = plan.with_overrides({"deployment.slots": 900})
comparison = dcsim.compare({"as planned": plan, "more slots": more_slots}, replications=20)
print(comparison.milestones.to_pandas()[["probability_before", "probability_after", "days"]])

# %% [markdown]
# ## A site of your own
#
# A scenario may also be a mapping, alone or on top of a file; values carry their units.

# %%
site = dcsim.load(
    {
        "extends": "minimal.yaml",
        "name": "Training hall with a solar field",
        "solar": [{"name": "field", "capacity": "9 MW", "delivery": "onsite"}],
        "batteries": [{"name": "store", "power": "3 MW", "energy": "12 MWh", "round_trip": "90 %"}],
    },
    base=shipped,
)
hall = dcsim.simulate(site)
print(f"{hall.summary['renewable_hourly_frac']:.1%} renewable in the same hour")
dcsim.plots.power_by_source_week(hall).figure.savefig(figures / "power_by_source_week.png")
