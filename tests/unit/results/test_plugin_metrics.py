from __future__ import annotations

import pytest

import dcsim
from dcsim.errors import PluginError
from dcsim.study.records.measure import measure, rows_of
from dcsim.study.records.metric import metric_of

HOME = "dcsim-surf 0.1.0, entry point {name} = surf:WAVES of dcsim.metrics: "
TEXT = """
from dcsim.plugins import Metric
WAVES = Metric(name="{name}", unit="{unit}", meaning="of waves", value={value}, by_year={by_year})
"""


@pytest.fixture
def run_with(install_plugin, scenarios):
    def run(value="lambda run: 2", *, name="waves_max_mw", unit="MW", by_year="None"):
        text = TEXT.format(name=name, unit=unit, value=value, by_year=by_year)
        install_plugin("dcsim-surf", {"surf.py": text}, {"dcsim.metrics": {name: "surf:WAVES"}})
        overrides = ["plugins=[dcsim-surf]", "end=2028-03-01"]
        return dcsim.simulate(dcsim.load(scenarios / "minimal.yaml", overrides=overrides))

    return run


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        ("lambda run: 2", 2.0),
        ("lambda run: run.flows.grid_import_mw.max()", None),
        ("lambda run: None", "none"),
        ("lambda run: float('nan')", "none"),
        ("lambda run: float('inf')", "none"),
    ],
)
def test_a_figure_of_a_plugin_stands_in_the_summary(run_with, value, figure):
    result = run_with(value)
    peak = result.summary["peak_import_mw"]
    wanted = {None: peak, "none": None}.get(figure, figure)
    assert result.figure("waves_max_mw") == wanted
    assert "waves_max_mw" not in result.summary["yearly"]


def test_figures_by_year_are_one_for_each_year(run_with):
    result = run_with(by_year="lambda run: [1, None]")
    assert result.summary["yearly"]["waves_max_mw"] == [1.0, None]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"value": "lambda run: 'much'"}, "TypeError: returned str, must be a number or None"),
        ({"value": "lambda run: True"}, "TypeError: returned bool, must be a number or None"),
        ({"value": "lambda run: run.tides"}, "AttributeError: 'Run' object has no attribute"),
        ({"by_year": "lambda run: [1]"}, "TypeError: by_year returned 1 numbers, must be 2"),
        ({"name": "peak_import_mw"}, "dcsim has a figure of that name"),
        ({"name": "works", "unit": ""}, "dcsim has a figure of that name"),
        ({"name": "bands", "unit": ""}, "dcsim has a figure of that name"),
        ({"name": "npv_krw", "unit": "KRW"}, "dcsim has a figure of that name"),
    ],
)
def test_a_metric_that_is_none_is_named(run_with, given, fault):
    with pytest.raises(PluginError) as caught:
        run_with(**given)
    begin = HOME.format(name=given.get("name", "waves_max_mw"))
    assert str(caught.value).startswith(begin + fault)


def test_a_ledger_kind_of_another_sense_is_refused(install_plugin, scenarios, tidal):
    from dcsim.scenario.extension import site_class_of

    keys = dcsim.load(tidal).resolved
    kind = site_class_of(keys).extension.kinds[0]
    object.__setattr__(kind, "ledger_kind", "rental")
    with pytest.raises(PluginError, match="ledger_kind rental is one of dcsim"):
        dcsim.simulate(dcsim.load(tidal))


def test_a_metric_of_a_plugin_that_is_not_named_is_said_to_be_there(tidal, scenarios):
    from dcsim.errors import ModelError
    from dcsim.pipeline import replay

    rows = rows_of([measure(replay(dcsim.load(scenarios / "minimal.yaml"), 0))])
    hint = "the plug-in dcsim-tidal 0.1.0 has it: name dcsim-tidal under plugins"
    with pytest.raises(ModelError, match=f"there is no metric 'import_rise_max_mw'; {hint}"):
        metric_of(rows, "import_rise_max_mw")


def test_metrics_are_in_the_rows_of_studies_and_can_be_named_there(tidal):
    from dcsim.pipeline import replay

    run = replay(dcsim.load(tidal), 0)
    rows = rows_of([measure(run)])
    rise = metric_of(rows, "import_rise_max_mw")
    assert rise.values[0] == run.accounts.key_figures["import_rise_max_mw"] > 0
    assert rise.unit == "MW"
    assert metric_of(rows, "milestone.tide.met").values[0] == 1


def test_tables_name_unit_and_meaning_of_a_metric(tidal):
    from dcsim.results.result_tables import figure_table, known_figures, year_table

    result = dcsim.simulate(dcsim.load(tidal))
    told = ("MW", "largest rise of import from one step to the next")
    assert known_figures(["import_rise_max_mw"]) == {"import_rise_max_mw": told}
    figures = figure_table(result.summary)
    at = list(figures["figure"]).index("import_rise_max_mw")
    assert figures["value"][at] == result.figure("import_rise_max_mw")
    assert figures["unit"][at] == "MW"
    assert "import_rise_max_mw" in year_table(result.summary).columns
    assert "tidal_mwh" in list(figures["figure"])
