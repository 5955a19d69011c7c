"""Scenarios that are derived from others: `with_overrides` and `mixed_with`."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import from_plain, load
from dcsim.scenario.text.data import ALLOWED

SCENARIOS = Path(__file__).parents[3] / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml"))
LEAD, INSTALL = "orders.first.lead_time", "deployment.install"


def refused(derive, *args):
    with pytest.raises(ScenarioError) as caught:
        derive(*args)
    return str(caught.value)


def overrides_for(scenario):
    """Some values of every kind, as texts and by key path."""
    works = [task.name for task in scenario.site.works][:1]
    values = {
        "power.design_pue": 1.35,
        "seed": 12,
        "deployment.install": {"uniform": ["5 h", "9 h"]},
        "description": "1.20",
        "grid.carbon_free": {"value": 0.5, "confidence": "assumption"},
        **{f"works.{name}.label": "a label: with a colon" for name in works},
    }
    texts = [
        "power.design_pue=1.35",
        "seed=12",
        "deployment.install={uniform: [5 h, 9 h]}",
        "description='1.20'",
        "grid.carbon_free={value: 50 %, confidence: assumption}",
        *(f"works.{name}.label='a label: with a colon'" for name in works),
    ]
    texts[4] = "grid.carbon_free={value: 0.5, confidence: assumption}"
    return values, texts


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_derived_scenario_is_the_one_that_is_loaded_with_the_same_overrides(path):
    scenario = load(path)
    values, texts = overrides_for(scenario)
    loaded = load(path, overrides=texts)
    for derived in (scenario.with_overrides(texts), scenario.with_overrides(values)):
        assert derived.digest == loaded.digest
        assert derived.resolved == loaded.resolved
        assert derived.changes == loaded.changes
        assert derived.files == loaded.files
        assert derived.leaves == loaded.leaves
        assert derived.uncertain == loaded.uncertain
        for replication in (0, 1, 17):
            assert derived.plan(replication) == loaded.plan(replication)
    assert scenario.with_overrides(texts).overrides == tuple(texts)
    spelled = scenario.with_overrides(values).overrides
    assert load(path, overrides=spelled).digest == loaded.digest


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_overrides_one_by_one_are_overrides_together(path):
    scenario = load(path)
    _, texts = overrides_for(scenario)
    derived = scenario
    for text in texts:
        derived = derived.with_overrides([text])
    assert derived == scenario.with_overrides(texts)


@pytest.fixture
def scenario(read, minimal_text):
    text = minimal_text.replace("26 weeks", "{uniform: [0 h, 1000 h]}")
    return read(text.replace("install: 8 h", "install: {uniform: [0 h, 10 h]}"))


@pytest.mark.parametrize(
    "override",
    [
        "power.design_pue=0.5",
        "power.design_pew=1.2",
        "halls.hal.racks=3",
        "power=",
        "power",
        "extends=base.yaml",
        "orders.first.product=other",
        "deployment.install={normal: [8 h, 30 h]}",
        "orders.first.gpus=40000000 GPU",
        "power.design_pue={value: 1.3, source: nowhere}",
        "weather.file=gone.csv",
        "weather.file=../gone.csv",
    ],
)
def test_what_is_wrong_with_an_override_is_told_as_load_tells_it(scenario, override):
    told = refused(scenario.with_overrides, [override])
    assert told == refused(lambda: load("plan.yaml", overrides=[override]))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"seed": float("nan")}, "override seed: seed: is not a finite number"),
        ({"seed": {1, 2}}, f"override seed: seed: set is not plain data; allowed are {ALLOWED}"),
        (
            {"halls.hall": {"name": "hall", "racks": 2j}},
            "override halls.hall: halls.hall.racks: complex is not plain data; "
            f"allowed are {ALLOWED}",
        ),
        ({"a=b": 1}, "override a=b: is not a key path such as power.basis"),
        ({3: 1}, "override 3: is not a key path such as power.basis"),
        ({"extends": "base.yaml"}, "override extends: extends can only be written in a scenario"),
        (["seed=1", ("seed", 2)], "overrides: ('seed', 2): must be text such as key.path=value"),
    ],
)
def test_values_that_no_scenario_can_hold_are_refused(scenario, values, told):
    assert refused(scenario.with_overrides, values) == told


@pytest.mark.parametrize("overrides", ["seed=1", 3, None, {"seed=1"}], ids=repr)
def test_one_text_is_no_list_of_overrides(scenario, overrides):
    for derive in (scenario.with_overrides, lambda given: load("plan.yaml", overrides=given)):
        with pytest.raises(TypeError, match=r"^overrides are a list of texts such as 'key\.path="):
            derive(overrides)


def test_objects_stand_for_the_texts_of_a_file(scenario):
    pint = pytest.importorskip("pint")
    units = pint.UnitRegistry()
    derived = scenario.with_overrides(
        {
            INSTALL: {"uniform": [units.Quantity(5, "h"), units.Quantity(9.0, "hour")]},
            "orders.first.placed": datetime.date(2027, 2, 1),
            "halls.hall.racks": np.int64(600),
        }
    )
    assert derived.overrides == (
        'deployment.install={"uniform": ["5 h", "9.0 h"]}',
        "orders.first.placed=2027-02-01",
        "halls.hall.racks=600",
    )
    assert derived.digest == scenario.with_overrides(derived.overrides).digest


def test_nothing_is_read_again(scenario, folder):
    (folder / "plan.yaml").unlink()
    (folder / "base.yaml").unlink()
    assert scenario.with_overrides({"power.design_pue": 1.3}).site.power.design_pue == 1.3


def test_only_a_file_that_a_new_value_names_is_looked_up(read, minimal_text, folder):
    text = minimal_text.replace("weather:\n", "weather:\n  file: year.csv\n")
    scenario = read(text, files={"year.csv": "x", "other.csv": "y"})
    (folder / "year.csv").unlink()
    derived = scenario.with_overrides({"power.design_pue": 1.3})
    assert derived.files == {"year.csv": Path("year.csv")}
    named = scenario.with_overrides({"weather.file": "other.csv"})
    assert named.files == {"other.csv": folder / "other.csv"}
    assert refused(scenario.with_overrides, {"weather": {"file": "year.csv"}})


def test_a_scenario_is_checked_as_it_was_loaded(scenario, read, minimal_text):
    text = minimal_text.replace("weather:\n", "weather:\n  file: gone.csv\n")
    Path("large.yaml").write_text(text)
    unchecked = load("large.yaml", check_files=False, allow_large=True)
    derived = unchecked.with_overrides({"orders.first.gpus": "40000000 GPU"})
    assert (derived.files, derived.site.orders[0].gpus) == ({}, 40_000_000)
    sent = from_plain(scenario.resolved)
    assert sent.with_overrides({"seed": 3}).digest == scenario.with_overrides({"seed": 3}).digest
    told = "no path was given for this file"
    assert told in refused(sent.with_overrides, {"weather.file": "year.csv"})


def test_fixed_values_stay_fixed_while_they_are_uncertain(scenario):
    fixed = scenario.fixed({LEAD: 0.9, INSTALL: 0.1})
    derived = fixed.with_overrides({INSTALL: "6 h", "seed": 3})
    assert derived.quantiles == {LEAD: 0.9}
    assert derived.plan(4) == scenario.with_overrides({INSTALL: "6 h", "seed": 3}).fixed(
        {LEAD: 0.9}
    ).plan(4)


def test_numpy_floats_are_numbers_and_none_takes_a_key_away(scenario):
    derived = scenario.with_overrides({"power.design_pue": np.float64(1.4), "description": None})
    assert derived.site.power.design_pue == 1.4
    assert "description" not in derived.resolved
    assert derived.overrides[0] == "power.design_pue=1.4"


# In a notebook


def test_who_changes_the_resolved_data_changes_no_scenario(read, minimal_text):
    scenario = read(minimal_text)
    scenario.resolved["deployment"]["crews"] = 77
    assert scenario.resolved["deployment"]["crews"] == 2
    assert scenario.digest == read(minimal_text).digest


def test_equal_scenarios_are_one_key_of_a_mapping(read, minimal_text):
    scenario = read(minimal_text)
    other = scenario.with_overrides({"deployment.crews": 3})
    same = scenario.with_overrides({"deployment.crews": 3})
    assert {scenario: 1, other: 2}[same] == 2


def test_a_scenario_prints_on_one_line(read, minimal_text):
    plain = load("base.yaml")
    n = len(plain.leaves)
    assert repr(plain) == f"<Scenario 'One hall' of base.yaml: 1,096 days, {n} values>"
    text = minimal_text.replace("26 weeks", "{uniform: [0 h, 1000 h]}")
    varied = read(text).with_overrides({"seed": 7, "description": "x"})
    assert repr(varied).endswith(f" days, {n + 2} values, 1 uncertain, 2 overrides>")
    hostile = plain.with_overrides({"name": "a" * 120})
    assert len(repr(hostile)) < 150


def test_a_scenario_is_a_small_table_in_a_notebook(scenario):
    derived = scenario.fixed({LEAD: 0.9}).with_overrides({"name": "<b>One</b>", "seed": 7})
    card = derived._repr_html_()
    assert "<strong>&lt;b&gt;One&lt;/b&gt;</strong>" in card
    assert "<th>File</th><td>plan.yaml</td>" in card
    assert "<th>Overrides</th><td>name=&lt;b&gt;One&lt;/b&gt;; seed=7</td>" in card
    assert "<th>Fixed</th><td>orders.first.lead_time at 90.0%</td>" in card
    assert f"<th>Digest</th><td>{derived.digest[:12]}</td>" in card
    assert "Data files" not in card


# Mixed scenarios


@pytest.fixture
def pair(read, folder):
    other = """extends: base.yaml
name: Other
sources: {new: {title: A new source, year: 2030}}
power: {design_pue: {value: 1.5, source: new}}
halls: [{name: annex, racks: 5, it_power: 1 MW}, {name: hall, racks: 500}]
orders: [{name: first, lead_time: 40 weeks}]
"""
    return load("base.yaml"), read(other)


def test_sections_come_from_the_other_and_the_rest_stays(pair):
    own, other = pair
    mixed = own.mixed_with(other, ["power", "halls.annex"])
    assert mixed.site.power == other.site.power
    assert [hall.name for hall in mixed.site.halls] == ["hall", "annex"]
    assert mixed.site.halls[0] == own.site.halls[0]
    assert (mixed.site.orders, mixed.name) == (own.site.orders, own.name)
    assert "new" in mixed.resolved["sources"]
    assert [change.key for change in mixed.changes] == ["power", "halls.annex"]


def test_a_mix_of_nothing_and_one_of_all_are_the_two_themselves(pair):
    own, other = pair
    assert own.mixed_with(other, []).site == own.site
    assert own.mixed_with(other, list(other.resolved)).site == other.site


def test_what_the_other_does_not_have_is_taken_away(pair):
    own, other = pair
    assert [hall.name for hall in other.mixed_with(own, ["halls.annex"]).site.halls] == ["hall"]
    described = own.with_overrides({"description": "Some text"})
    assert described.mixed_with(own, ["description"]).resolved == own.resolved


def test_sections_that_do_not_fit_are_refused_at_their_line(pair):
    own, other = pair
    renamed = other.with_overrides({"products.server.name": "box", "orders.first.product": "box"})
    told = refused(own.mixed_with, renamed, ["orders"])
    no_product = "there is no product named box; known are server"
    assert told == f"override orders.first.product: orders.first.product: {no_product}"
    told = refused(own.mixed_with, renamed, ["products"])
    assert told.startswith("base.yaml:11: orders.first.product: there is no product named server")


def test_a_section_that_neither_has_is_refused(pair):
    told = refused(pair[0].mixed_with, pair[1], ["works.none"])
    assert told == "works.none: is in neither of the two scenarios"


@pytest.mark.parametrize(("other", "sections"), [(None, ["orders"]), ("a.yaml", ["orders"])])
def test_only_a_scenario_is_mixed_in(pair, other, sections):
    with pytest.raises(TypeError, match=r"^mixed_with\(\) takes a Scenario, not"):
        pair[0].mixed_with(other, sections)


@pytest.mark.parametrize("sections", ["orders", [1], [None]])
def test_sections_are_a_list_of_key_paths(pair, sections):
    with pytest.raises(TypeError, match=r"^mixed_with\(\) takes a list of key paths"):
        pair[0].mixed_with(pair[1], sections)


def test_files_of_both_are_known(read, minimal_text):
    text = minimal_text.replace("weather:\n", "weather:\n  file: year.csv\n")
    own = load("base.yaml")
    other = read(text, files={"year.csv": "x"})
    Path("year.csv").rename("moved.csv")
    # A variant asks nothing of the disk; a file that is gone since shows when it is read.
    assert own.mixed_with(other, ["weather"]).files == other.files
    Path("moved.csv").rename("year.csv")
    assert own.mixed_with(other, ["weather"]).files == other.files


def correlated(text, rank):
    between = f"[{LEAD}, {INSTALL}]"
    return text + f"correlations: [{{between: {between}, rank: {rank}}}]\n"


def test_correlations_are_those_of_either_end_and_in_between_of_both(read, minimal_text):
    text = minimal_text.replace("26 weeks", "{uniform: [0 h, 1000 h]}")
    text = text.replace("install: 8 h", "install: {uniform: [0 h, 10 h]}")
    plain, weak, strong = read(text), read(correlated(text, 0.2)), read(correlated(text, 0.7))
    assert plain.mixed_with(weak, ["name"]).correlations == ()
    assert plain.mixed_with(weak, ["power"]).correlations == weak.correlations
    assert weak.mixed_with(strong, ["power"]).correlations == weak.correlations
    assert weak.mixed_with(strong, ["power", "correlations"]).correlations == strong.correlations
    certain = read(minimal_text)
    assert weak.mixed_with(certain, ["deployment"]).correlations == ()


def test_variants_are_made_without_the_disk(tmp_path, minimal_text):
    (tmp_path / "shared").mkdir()
    (tmp_path / "plan").mkdir()
    (tmp_path / "shared" / "base.yaml").write_text(minimal_text)
    (tmp_path / "shared" / "pv.csv").write_text("pv\n" + "0.5\n" * 8760)
    solar = "solar: [{name: pv, capacity: %d MW, profile: {file: ../shared/pv.csv, column: pv}}]\n"
    for name, size in (("a.yaml", 4), ("b.yaml", 5)):
        (tmp_path / "plan" / name).write_text("extends: ../shared/base.yaml\n" + solar % size)
    one, other = (load(tmp_path / "plan" / name, root=tmp_path) for name in ("a.yaml", "b.yaml"))
    (tmp_path / "plan").rename(tmp_path / "gone")
    (tmp_path / "shared").rename(tmp_path / "gone too")
    mixed = one.mixed_with(other, ["solar"])
    assert mixed.site.solar[0].capacity_mw == 5
    assert mixed.with_overrides({"solar.pv.capacity": "6 MW"}).site.solar[0].capacity_mw == 6
    assert one.with_overrides({"power.design_pue": 1.3}).files == one.files == mixed.files
