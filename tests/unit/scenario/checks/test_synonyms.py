"""Words of the trade lead to the key that is meant, in every section."""

from __future__ import annotations

import pytest

import dcsim
from dcsim.scenario.checks.messages import fields_by_key, model_at
from dcsim.scenario.checks.synonyms import IN_ASSETS, SYNONYMS, meant
from dcsim.scenario.draws.values import Values
from dcsim.scenario.schema.assets.registry import all_kinds
from dcsim.scenario.schema.site import Site

TOP = {
    "gas": "chp", "tariff": "money.tariff", "storage": "batteries", "generators": "gensets",
    "PV": "solar", "ppa": "contracts", "nuclear": "reactors", "timezone": "time_zone",
    "load": "demand", "buildings": "halls", "gates": "expect",
}  # fmt: skip


@pytest.mark.parametrize(("word", "key"), TOP.items())
def test_a_word_of_the_trade_leads_to_its_section(word, key, minimal_text, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(f"{minimal_text}{word}: 1\n")
    with pytest.raises(dcsim.ScenarioError, match=f"{word}: not a key .*; did you mean {key}[?]"):
        dcsim.load(path)


def test_a_word_within_a_section_leads_to_its_key(minimal_text, tmp_path):
    path = tmp_path / "plan.yaml"
    battery = "batteries: [{name: b, power: 1 MW, capacity: 4 MWh}]\n"
    path.write_text(f"{minimal_text}{battery}solar: [{{name: s, size: 4 MW}}]\n")
    with pytest.raises(dcsim.ScenarioError) as failed:
        dcsim.load(path)
    assert "batteries.b.capacity: not a key of batteries.b; did you mean energy?" in str(
        failed.value
    )
    assert "solar.s.size: not a key of solar.s; did you mean capacity?" in str(failed.value)


def test_letters_that_are_not_alike_suggest_nothing(minimal_text, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(f"{minimal_text}gales: 1\n")
    with pytest.raises(dcsim.ScenarioError, match="gales: not a key of a scenario; allowed are"):
        dcsim.load(path)


def test_every_synonym_is_no_key_and_leads_to_one():
    top = fields_by_key(Site)
    for section, words in SYNONYMS.items():
        model = Site if not section else model_at((section, "0"), _values_with(section), None)
        assert model is not None, section
        for word, meaning in words.items():
            assert word not in fields_by_key(model), (section, word)
            for key in meaning.split(" and ") if " and " in meaning else meaning.split(" or "):
                first = key.split(".")[0]
                assert first in (top if not section else fields_by_key(model)), (section, word)


def _values_with(section):
    return Values(data={section: [{"name": "0"}]})


def test_no_word_means_two_kinds_and_none_is_a_section():
    words = [word for kind in all_kinds() for word in kind.also_called]
    assert len(words) == len(set(words))
    assert not set(words) & set(fields_by_key(Site))
    assert not set(words) & set(SYNONYMS[""])
    for word in IN_ASSETS:
        assert meant("solar", word) in (None, IN_ASSETS[word])
