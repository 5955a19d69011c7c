"""Sixty names of untrusted input: refused where a name is needed, inert wherever text may stand."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main
from dcsim.cli.output.markdown import inert
from dcsim.cli.output.verdicts import _escaped_message, _escaped_property, junit, sarif
from dcsim.errors import Problem, ScenarioError, printable
from dcsim.results.run_folder import text_cell
from dcsim.scenario.load import load
from dcsim.study.checks.check import CheckResult
from dcsim.study.checks.gates import Verdict

NAMES = (
    "<script>alert(1)</script>", '"onload=x', "' or 1=1", "$x$", "$$", "\\frac{1}{0}",
    "=cmd|'/C'!A0", "+1+1", "-1", "@SUM(1)", "../x", "/etc/passwd", "..\\x", "CON", "aux.txt",
    "a:b", "a/b", "a\\b", "é", "e\u0301", "A", "a", "\u202eabc", "\u2066x\u2069", "a\x00b",
    "\x1b[2J", "\x9b2J", "::error::x", "  ::add-mask::x", "##[error]x",
    "##vso[task.setvariable]x", "x", "", " ", "\t", "a\nb", "a\rb", "a\u2028b", "\ufeffx",
    "a\u200db", "%0Ax", "%s", "{0}", "{{7*7}}", "${HOME}", "`id`", "$(id)", "; rm -rf /",
    "| cat", "&& x", "[x](http://y)", "![x](http://y)", "# x", "* x", "~~x~~", "<!-- x", "]]>",
    "<![CDATA[x", "&amp;", "&#60;", "\U0001f4a3", "ﬁ", "\u0430dmin", ".hidden", "-rf",
)  # fmt: skip


def controls(text: str) -> bool:
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return any(unicodedata.category(c) in bad for c in text)


def test_there_are_sixty_of_them():
    assert len(NAMES) >= 60
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_untrusted_text_is_inert_in_every_form(name):
    for shown in (printable(name), inert(name), _escaped_message(name), _escaped_property(name)):
        assert not controls(shown)
        assert "\n" not in shown
    assert not printable(name).lstrip().startswith("::")
    assert not _escaped_message(name).startswith("::")
    assert "<" not in inert(name)
    assert not re.search(r"(?<!\\)[`|@$\[\]#*!]", inert(name).replace("&#58;", ""))
    row = next(csv.reader(io.StringIO(io_csv(name)))) if name.strip("\r\n") else [""]
    assert not row[0][:1] or row[0][0] not in "=+-@\t\r"
    one = CheckResult(name)
    one.problems = [Problem(name, name, name)]
    one.verdicts = [Verdict(name, name, "fail", name, name, name, "")]
    ElementTree.fromstring(junit([one]))
    text = sarif([one], "1")
    assert not controls(json.loads(text)["runs"][0]["results"][0]["message"]["text"])


def io_csv(name: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([text_cell(name)])
    return out.getvalue()


@pytest.mark.usefixtures("yaml_reader")
@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_as_the_name_of_a_thing_it_is_refused_or_harmless(
    name, tmp_path, minimal_text, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    quoted = json.dumps(name)
    path = Path("plan.yaml")
    text = minimal_text.replace("name: hall,", f"name: {quoted},")
    path.write_bytes(text.encode(errors="surrogatepass"))
    told, kept = "", "hall"
    try:
        kept = load(path).site.halls[0].name
    except ScenarioError as error:
        told = str(error)
    assert not any(controls(line) for line in told.splitlines())
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", kept)


# Markup, math, a command of CI, a letter that fonts do not have. Few, since each run draws all
# figures.
@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "$x$",
        "\\frac{1}{0}",
        "::error::x",
        "]]>",
        "&#60;",
        "\U0001f4a3",
    ],
)
def test_as_a_title_it_is_inert_in_a_whole_run(name, tmp_path, minimal_text, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = minimal_text.replace("end: 2030-01-01", "end: 2027-10-01")
    text = short.replace("name: One hall", f"name: {json.dumps(name)}", 1)
    Path("plan.yaml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(
        main, ["run", "plan.yaml", "--out", "out", "--plots", "--format", "svg"]
    )
    assert done.exit_code in (0, 2), done.output
    assert not any(line.lstrip().startswith("::") for line in done.output.splitlines())
    for figure in Path("out").glob("*.svg"):
        ElementTree.parse(figure)
