from __future__ import annotations

import pickle
import shutil
import sys

import pytest

import dcsim
from dcsim.entry_points import plugin_with
from dcsim.errors import ScenarioError
from dcsim.scenario.extension import (
    faults_of_plugins,
    named_plugins,
    packages_of,
    site_class_of,
)
from dcsim.scenario.load import from_plain, load
from dcsim.scenario.schema.dispatch import Dispatch
from dcsim.scenario.schema.site import Site

FARM = "tidal=[{name: strait, capacity: 2 MW, lunar_speed: 2 m/s, rated_speed: 2 m/s}]"
NAMED = "plugins=[dcsim-tidal]"
WAVES = """
from dcsim.plugins import Metric
WAVES = Metric(name="waves_max_mw", unit="MW", meaning="of waves", value=lambda run: 1.0)
"""


def message_of(path, *overrides):
    with pytest.raises(ScenarioError) as caught:
        load(path, overrides=overrides)
    return str(caught.value)


@pytest.fixture
def minimal(scenarios):
    return scenarios / "minimal.yaml"


@pytest.mark.parametrize(
    ("plugins", "named"),
    [
        (["b-x", "a"], ("a", "b-x")),
        (["B_x > 1", "b.X > 2"], ("b.X > 2",)),
        ({"value": ["a"], "source": "s"}, ("a",)),
        ("a", ()),
        ([1], ()),
        (["!"], ()),
        (None, ()),
    ],
)
def test_the_names_in_a_scenario_are_one_for_each_package(plugins, named):
    assert named_plugins({"plugins": plugins}) == named
    assert named_plugins({}) == ()


def test_without_plugins_the_class_of_a_site_is_the_one_of_dcsim():
    assert site_class_of({"tidal": []}) is Site
    assert packages_of({}) == faults_of_plugins({}) == ()


def test_the_models_of_a_named_plugin_stand_beside_those_of_dcsim(tidal):
    site = load(tidal).site
    assert [type(farm).__name__ for farm in site.assets("tidal")] == ["Tidal"]
    assert (site.cooling.model, site.cooling.cop) == ("chilled-water", 5.82)
    assert (site.dispatch.policy, site.dispatch.hold_frac) == ("hold-charge", 0.6)
    assert isinstance(site, Site)
    assert isinstance(site.dispatch, Dispatch)
    assert [one.title for one in site.extension.packages] == ["dcsim-tidal 0.1.0"]


def test_models_of_a_plugin_that_is_not_named_are_not_there(tidal, minimal):
    """Also once another scenario has loaded them: a scenario means one thing."""
    hint = "the plug-in dcsim-tidal 0.1.0 has it: name dcsim-tidal under plugins"
    for _ in range(2):
        assert message_of(minimal, FARM) == (
            f"override tidal: tidal: not a key of a scenario; {hint}"
        )
        assert hint in message_of(minimal, "cooling={model: chilled-water, cop: 6}")
        assert hint in message_of(minimal, "dispatch.policy=hold-charge")
        load(tidal)
    plugin_with.cache_clear()
    assert hint not in message_of(minimal, "dispatch.policy=hold-all")


def test_a_scenario_without_plugins_stays_as_it_was_once_another_has_loaded_some(tidal, minimal):
    before = dcsim.simulate(load(minimal))
    dcsim.simulate(load(tidal))
    after = dcsim.simulate(load(minimal))
    assert after.digest() == before.digest()
    assert after.summary == before.summary
    assert "plugins" not in after.summary["provenance"]


def test_a_missing_plugin_is_said_at_its_line(tmp_path, minimal):
    path = tmp_path / "site.yaml"
    text = minimal.read_text(encoding="utf-8")
    path.write_text(f"plugins:\n  - dcsim-surf\n  - dcsim-waves\n{text}", encoding="utf-8")
    assert message_of(path).endswith(
        "site.yaml:2: plugins: needs the plug-in dcsim-surf, which is not installed: "
        "pip install dcsim-surf"
    )


def test_a_name_that_is_none_is_refused_as_any_value(minimal):
    assert "plugins.1 = a b: is not the name of a package" in message_of(
        minimal, "plugins=[a, a b]"
    )
    assert "plugins = a: must be a list" in message_of(minimal, "plugins=a")


def test_a_faulty_model_stops_only_what_uses_it(install_plugin, minimal):
    install_plugin(
        "dcsim-surf",
        {"surf.py": WAVES},
        {"dcsim.metrics": {"waves_max_mw": "surf:WAVES"}, "dcsim.assets": {"surf": "surf:KIND"}},
    )
    fault = (
        "dcsim-surf 0.1.0, entry point surf = surf:KIND of dcsim.assets: cannot be imported: "
        "AttributeError: module 'surf' has no attribute 'KIND'"
    )
    with pytest.warns(UserWarning, match="model left out") as caught:
        scenario = load(minimal, overrides=["plugins=[dcsim-surf]"])
    load(minimal, overrides=["plugins=[dcsim-surf]"])  # a second warning would fail this test
    assert dcsim.simulate(scenario).figure("waves_max_mw") == 1.0
    assert [str(one.message) for one in caught] == [f"model left out: {fault}"]
    assert faults_of_plugins(scenario.resolved) == (fault,)
    used = message_of(minimal, "plugins=[dcsim-surf]", "surf=[{name: a}]")
    assert used == f"override plugins: plugins: {fault}"


def test_a_plugin_that_cannot_be_imported_and_is_not_named_is_never_looked_at(
    install_plugin, minimal
):
    install_plugin(
        "dcsim-surf", {"surf.py": "1 / 0"}, {"dcsim.metrics": {"waves_max_mw": "surf:WAVES"}}
    )
    load(minimal)  # a warning would fail this test
    assert "surf" not in sys.modules


def test_a_metric_that_is_faulty_stops_every_scenario_that_names_its_plugin(
    install_plugin, minimal
):
    install_plugin("dcsim-surf", {"surf.py": ""}, {"dcsim.metrics": {"waves_max_mw": "surf:WAVES"}})
    assert "has no attribute 'WAVES'" in message_of(minimal, "plugins=[dcsim-surf]")


def test_two_plugins_with_a_model_of_one_name_cannot_be_used_together(install_plugin, minimal):
    for name in ("dcsim-surf", "dcsim-waves"):
        module = name.replace("-", "_")
        entries = {"dcsim.metrics": {"waves_max_mw": f"{module}:WAVES"}}
        install_plugin(name, {f"{module}.py": WAVES}, entries)
    load(minimal, overrides=["plugins=[dcsim-surf]"])
    assert message_of(minimal, "plugins=[dcsim-surf, dcsim-waves]") == (
        "override plugins: plugins: dcsim-waves 0.1.0, entry point waves_max_mw = "
        "dcsim_waves:WAVES of dcsim.metrics: dcsim-surf has one of this name; "
        "use one of them in a process"
    )


def test_keys_and_units_of_a_plugin_have_the_messages_of_all_keys(tidal):
    assert "tidal.strait.capacity = 2: needs a unit, for example '2 MW'" in message_of(
        tidal, "tidal.strait.capacity=2"
    )
    assert "must be above 0 and at most 10 m/s (speed from which the turbines" in message_of(
        tidal, "tidal.strait.rated_speed=11 m/s"
    )
    assert "dispatch.holt: not a key of dispatch; did you mean hold?" in message_of(
        tidal, "dispatch.holt=1 %"
    )
    assert "'cfe-first', 'arbitrage', 'peak-shaving', 'reserve', 'optimal', 'hold-charge'" in (
        message_of(tidal, "dispatch.policy=hold")
    )


def test_values_of_a_plugin_may_be_uncertain(tidal):
    scenario = load(tidal, overrides=["tidal.strait.capacity={uniform: [1 MW, 3 MW]}"])
    drawn = scenario.plan(3).inputs["tidal.strait.capacity"]
    assert 1 < drawn.value < 3
    assert drawn.unit == "MW"


def test_the_digest_goes_by_the_versions_of_the_plugins(install_plugin, minimal):
    digests = []
    for version in ("0.1", "0.2"):
        install_plugin(
            "dcsim-surf", {"surf.py": WAVES}, {"dcsim.metrics": {"waves_max_mw": "surf:WAVES"}},
            version=version,
        )  # fmt: skip
        digests.append(load(minimal, overrides=["plugins=[dcsim-surf]"]).digest)
        folder = next(iter(sys.path))
        shutil.rmtree(f"{folder}/dcsim_surf-{version}.dist-info")
    assert len({*digests, load(minimal).digest}) == 3


def test_plain_data_and_overrides_know_the_plugins(tidal):
    scenario = load(tidal)
    again = from_plain(scenario.resolved)
    assert again.digest == scenario.digest
    assert again.with_overrides(["tidal.strait.capacity=1 MW"]).site.assets("tidal")[0]


def test_objects_of_a_site_with_plugins_pickle(tidal):
    site = load(tidal).site
    again = pickle.loads(pickle.dumps(site))
    assert again == site
    assert type(again) is type(site)
    assert again.extension is site.extension
