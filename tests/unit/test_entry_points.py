from __future__ import annotations

import logging

import pytest

from dcsim.entry_points import (
    GROUPS,
    blamed,
    code_digest_of,
    installed_plugin,
    installed_plugins,
    model_of_entry,
    normalized_name,
    plugin_with,
    requirement_of,
)
from dcsim.errors import PluginError, ScenarioError

ENTRIES = {"dcsim.metrics": {"waves": "surf:WAVES"}, "console_scripts": {"surf": "surf:main"}}
FILES = {"surf.py": "WAVES = 'a metric'\n"}


@pytest.mark.parametrize("text", ["dcsim_Surf", "DCSIM.surf >= 0.2", "dcsim-surf==1.0,<2"])
def test_all_spellings_of_a_name_are_one(text):
    assert normalized_name(text) == "dcsim-surf"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("../surf", "is not the name of a package, such as dcsim-tidal or 'dcsim-tidal >= 0.2'"),
        ("", "is not the name of a package"),
        ("surf > one", "is not the name of a package"),
        ("surf @ https://example.org/surf.whl", "no address, no extras, no condition"),
        ("surf[all]", "no address, no extras, no condition"),
        ("surf; python_version > '3'", "no address, no extras, no condition"),
    ],
)
def test_what_is_no_name_with_versions_is_refused(text, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        requirement_of(text)


def test_entry_points_of_other_programs_are_left_alone(install_plugin, caplog):
    install_plugin("dcsim-surf", FILES, ENTRIES, version="1.2")
    with caplog.at_level(logging.INFO, "dcsim"):
        package = installed_plugin("DCSIM_surf >= 1")
    assert caplog.messages == ["found the plug-in dcsim-surf 1.2 with 1 models"]
    assert (package.title, len(package.entries)) == ("dcsim-surf 1.2", 1)
    assert model_of_entry(package.entries[0]) == "a metric"
    assert [one.name for one in installed_plugins()] == ["dcsim-surf"]
    assert plugin_with("dcsim.metrics", "waves") == package
    assert plugin_with("dcsim.metrics", "tides") is None


def test_a_package_that_is_missing_is_named_with_the_command_that_installs_it():
    with pytest.raises(PluginError) as caught:
        installed_plugin("dcsim_surf >= 0.2")
    assert str(caught.value) == (
        "needs the plug-in dcsim-surf, which is not installed: pip install 'dcsim_surf>=0.2'"
    )
    assert caught.value.named == "dcsim_surf >= 0.2"


def test_a_package_of_another_version_is_named_with_both(install_plugin):
    install_plugin("dcsim-surf", FILES, ENTRIES, version="0.1")
    with pytest.raises(PluginError, match=r"needs dcsim-surf>=0.2, and 0.1 is installed"):
        installed_plugin("dcsim-surf >= 0.2")


def test_a_package_without_models_is_no_plugin(install_plugin):
    install_plugin("surf", FILES, {"console_scripts": {"surf": "surf:main"}})
    message = "surf 0.1.0 is no plug-in of dcsim: no entry point in " + ", ".join(GROUPS)
    with pytest.raises(PluginError, match=message):
        installed_plugin("surf")


def test_a_package_for_another_dcsim_is_refused(install_plugin, monkeypatch):
    requires = ("numpy", "dcsim>=77 ; extra == 'docs'", "dcsim >= 3.0")
    install_plugin("dcsim-surf", FILES, ENTRIES, requires=requires)
    import importlib.metadata

    found = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "2.5.dev1" if name == "dcsim" else found(name)
    )
    message = r"dcsim-surf 0.1.0 needs dcsim >=3.0, and this is dcsim 2.5.dev1"
    with pytest.raises(PluginError, match=message):
        installed_plugin("dcsim-surf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("OTHER = 1", "AttributeError: module 'surf' has no attribute 'WAVES'"),
        ("WAVES = (", "SyntaxError: '\\(' was never closed"),
    ],
)
def test_a_module_that_cannot_be_imported_is_named_with_its_package(install_plugin, text, message):
    install_plugin("dcsim-surf", {"surf.py": text}, ENTRIES)
    (entry,) = installed_plugin("dcsim-surf").entries
    begin = r"dcsim-surf 0.1.0, entry point waves = surf:WAVES of dcsim.metrics: cannot be imported"
    with pytest.raises(PluginError, match=f"{begin}: {message}"):
        model_of_entry(entry)


def test_the_identity_is_that_of_code_and_data_and_not_of_bytecode(install_plugin):
    folder = install_plugin(
        "dcsim-surf",
        {"surf/__init__.py": "", "surf/deep/waves.py": "WAVES = 1", "surf/deep/beach.csv": "1"},
        {"dcsim.metrics": {"waves": "surf.deep.waves:WAVES"}},
    )
    before = installed_plugin("dcsim-surf").identity
    assert before.startswith("0.1.0+")
    (folder / "surf" / "__pycache__").mkdir()
    (folder / "surf" / "__pycache__" / "waves.pyc").write_bytes(b"1")
    assert code_digest_of(["surf.deep.waves"])[:12] == before.partition("+")[2]
    (folder / "surf" / "deep" / "beach.csv").write_text("2")
    assert code_digest_of(["surf.deep.waves"])[:12] != before.partition("+")[2]


def test_of_a_shared_namespace_only_the_own_part_counts(install_plugin):
    folder = install_plugin(
        "dcsim-surf",
        {"sea/surf/__init__.py": "WAVES = 1", "sea/other/__init__.py": ""},
        {"dcsim.metrics": {"waves": "sea.surf:WAVES"}},
    )
    before = code_digest_of(["sea.surf"])
    (folder / "sea" / "other" / "__init__.py").write_text("changed = 1")
    assert code_digest_of(["sea.surf"]) == before
    (folder / "sea" / "surf" / "__init__.py").write_text("WAVES = 2")
    assert code_digest_of(["sea.surf"]) != before


def test_errors_of_foreign_code_say_whose_they_are():
    with pytest.raises(PluginError, match="surf 1: KeyError: 'tide'"), blamed("surf 1"):
        raise KeyError("tide")
    with pytest.raises(ScenarioError), blamed("surf 1"):
        raise ScenarioError([])
