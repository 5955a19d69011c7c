from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import dcsim
from dcsim import plots
from dcsim.errors import ScenarioError
from dcsim.plots import FIGURES, figure_files, save_figures, shown_figures

NASTY = "Site $x^2$ <b>bold</b> \x1b[2J\x07 \u202e $\\frac{ 울산"
SIGNATURE = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.fixture(scope="session")
def nasty(result):
    tasks = tuple(task._replace(label=NASTY) for task in result.timeline.tasks)
    named = {"name": NASTY[:120], "milestones": _labelled(result.site.milestones)}
    return dataclasses.replace(
        result,
        site=result.site.model_copy(update={**named, "products": _labelled(result.site.products)}),
        timeline=dataclasses.replace(result.timeline, tasks=tasks),
    )


@pytest.fixture(scope="session")
def drawn(result):
    return {name: draw(result) for name, draw in FIGURES.items()}


def _labelled(things):
    return tuple(thing.model_copy(update={"label": NASTY}) for thing in things)


def _axes():
    return Figure(figsize=(8, 5)).add_subplot()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_returns_the_axes_it_was_given(name, result):
    ax = _axes()
    assert FIGURES[name](result, ax=ax) is ax


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_makes_its_own_axes_without_any(name, plain_result):
    assert isinstance(FIGURES[name](plain_result).figure, Figure)


@pytest.mark.parametrize(
    ("name", "units"),
    {
        "capacity_curve": ("GPUs",),
        "power_by_source_years": ("(MW)",),
        "power_by_source_week": ("(MW)",),
        "pue_map": ("(h)", "Month"),
        "cfe_map": ("(h)", "Month"),
        "stranded": ("GPUs",),
        "money_by_year": ("mn USD", "Year"),
    }.items(),
)
def test_axes_say_their_units(name, units, drawn):
    ax = drawn[name]
    said = ax.get_xlabel() + ax.get_ylabel()
    assert all(unit in said for unit in units)


@pytest.mark.parametrize("name", ["pue_map", "cfe_map"])
def test_a_color_bar_says_what_it_measures(name, drawn):
    ax = drawn[name]
    (bar,) = (other for other in ax.figure.axes if other is not ax)
    assert bar.get_ylabel().endswith(("(1)", "(%)"))


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_title(name, drawn):
    assert drawn[name].get_title(loc="left")


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_of_a_figure_is_read_as_mathematics(name, nasty):
    ax = _axes()
    with mpl.rc_context({"text.parse_math": True}):
        FIGURES[name](nasty, ax=ax)
    texts = [text for text in ax.findobj(Text) if text.get_text()]
    assert texts
    assert not any(text.get_parse_math() for text in texts)
    said = "".join(text.get_text() for text in texts)
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_untrusted_names_are_harmless_in_files(nasty):
    for content in save_figures(nasty, ("svg",)).values():
        root = ElementTree.fromstring(content)
        assert not [node for node in root.iter() if node.tag.endswith("}b")]


def test_the_same_result_gives_the_same_bytes_also_when_read_back(result, tmp_path):
    result.save(tmp_path / "run")
    first = save_figures(result, ("svg",))
    assert save_figures(dcsim.read_run(tmp_path / "run"), ("svg",)) == first


def test_files_are_what_their_names_say_and_hold_no_date(plain_result, monkeypatch):
    monkeypatch.setattr(plots, "shown_figures", lambda _: ["stranded"])
    files = save_figures(plain_result, ("png", "pdf"))
    for name, content in files.items():
        assert content.startswith(SIGNATURE[name.rsplit(".", 1)[1]])
        assert b"CreationDate" not in content
        assert b"Software" not in content
    assert save_figures(plain_result, ("png", "pdf")) == files


def test_figures_with_nothing_to_show_are_left_out(plain_result, result):
    assert set(FIGURES) - set(shown_figures(plain_result)) == {"gantt", "money_by_year"}
    assert shown_figures(result) == list(FIGURES)


@pytest.mark.parametrize("name", ["gantt", "money_by_year"])
def test_a_figure_with_nothing_to_show_says_so(name, plain_result):
    texts = [text.get_text() for text in FIGURES[name](plain_result).texts]
    assert texts[0].startswith("No ")


@pytest.mark.parametrize("formats", ["gif", ("png", "gif"), [None], ["PNG"]], ids=repr)
def test_an_unknown_format_is_refused_before_anything_is_drawn(result, formats, monkeypatch):
    monkeypatch.setattr("dcsim.plots.FIGURES", {})
    with pytest.raises(ScenarioError, match=r"^formats .*: must be one of png, svg, pdf$"):
        save_figures(result, formats)
    with pytest.raises(ScenarioError, match=r"^formats .*: must be one of png, svg, pdf$"):
        figure_files("name", None, formats)


def test_one_format_may_stand_alone(plain_result, monkeypatch):
    monkeypatch.setattr("dcsim.plots.FIGURES", {"stranded": FIGURES["stranded"]})
    assert list(save_figures(plain_result, "svg")) == ["stranded.svg"]


def test_drawing_leaves_the_settings_of_matplotlib_alone(result):
    before = dict(mpl.rcParams)
    FIGURES["money_by_year"](result)
    assert dict(mpl.rcParams) == before


def test_importing_plots_does_not_import_matplotlib():
    code = "import sys, dcsim.plots; sys.exit('matplotlib' in sys.modules)"
    root = Path(dcsim.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("name", FIGURES)
def test_no_curve_has_more_points_than_a_slide_can_show(name, drawn):
    assert all(np.size(line.get_xdata()) <= 2000 for line in drawn[name].get_lines())


@pytest.mark.parametrize(
    "name", sorted([*FIGURES, "save_figures", "relief_bars", "waterfall", "milestones"])
)
@pytest.mark.parametrize("given", [None, 1, "run", {}])
def test_a_figure_of_something_else_is_refused(name, given):
    function = FIGURES.get(name) or getattr(plots, name)
    told = rf"^plots\.{function.__name__}\(\) takes .+, not {type(given).__name__}$"
    with pytest.raises(TypeError, match=told):
        function(given)
