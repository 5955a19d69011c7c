from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dcsim.scenario.text.events import (
    InvalidYamlError,
    is_alike,
    libyaml_events,
    ruamel_events,
)

ROOT = Path(__file__).parents[4]
SHIPPED = sorted(
    path
    for folder in ("scenarios", "examples", "studies")
    for path in (ROOT / folder).rglob("*.yaml")
)

# Text that libyaml reads in another way than ruamel.yaml, as pairs: what it is, the text.
READ_OTHERWISE = {
    "a tab after a value": "a: b\t",
    "a tab in a value": "a: b\tc",
    "a tab before a value": "a: \tb",
    "a next-line character": "a: \x85b: c",
    "a line separator": "a:\u2028b: c",
    "a paragraph separator": "\u2029a: b",
    "a byte-order mark within": "a: {\n\ufeff}",
    "a question mark before a colon": "a: [?::b]",
    "a question mark before nothing": "a: [?\n]",
    "a quoted key with no space after it, in a list": "a: ['b':1]",
    "a comment at a block of text": "a: |#b\n  c",
    "an empty line before a block of text": "a: |\n  \n    b",
    "the same with ends of Windows": "a: >-\r\n  \r\n    b\r\n",
    "the end of the document, twice": "a: b\n...\n...\n",
}
# Text beside it that both read alike, and that a scenario may well hold.
ALIKE = {
    "an address with a query": "a: https://example.org/b?c=d#e",
    "a question": "a: why? because",
    "a colon in quotes": "a: {\"b\": 'c: d'}",
    "a block of text": "a: >-\n  b\n\n  c\nd: |\n  e\n",
    "a block of text with ends of Windows": "a: |\r\n  b\r\n  c\r\n",
    "ends of lines of old systems": "a: b\rc: d\r",
    "dots": "a: ...\nb: .5\n",
    "text of other scripts": "a: 울산 Ünïçødé 🔋\xa0",
    "the start of the document": "---\na: b\n",
    "a comparison": "a: b > c | d",
}


def places(events, text):
    """Return kind, value, style and line of each event; of an end, which nothing is at, no line."""
    try:
        return [
            (
                type(event).__name__,
                getattr(event, "value", None),
                getattr(event, "style", None) or "",
                None if type(event).__name__.endswith("EndEvent") else event.start_mark.line,
            )
            for event in events(text)
        ]
    except InvalidYamlError:
        return "refused"


def test_libyaml_is_there():
    assert yaml.__with_libyaml__, "the wheels of PyYAML have it: this run tests half of the code"


@pytest.mark.parametrize("what", READ_OTHERWISE)
def test_text_that_libyaml_reads_otherwise_is_not_for_it(what):
    assert not is_alike(READ_OTHERWISE[what])


@pytest.mark.parametrize("what", READ_OTHERWISE)
def test_each_of_them_is_on_the_list_for_a_reason(what):
    # What a later libyaml reads alike may go from the list: until then nothing is lost but time.
    text = READ_OTHERWISE[what]
    assert places(libyaml_events, text) != places(ruamel_events, text)


@pytest.mark.parametrize("what", ALIKE)
def test_text_that_both_read_alike_is_for_libyaml(what):
    text = ALIKE[what]
    assert is_alike(text)
    assert places(libyaml_events, text) == places(ruamel_events, text) != "refused"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_file_that_ships_is_read_by_libyaml(path):
    text = path.read_text(encoding="utf-8")
    assert is_alike(text)
    assert places(libyaml_events, text) == places(ruamel_events, text)


def test_without_libyaml_nothing_is_for_it(monkeypatch):
    monkeypatch.setattr("dcsim.scenario.text.events._LIBYAML", None)
    assert not is_alike("a: b")


@pytest.mark.parametrize("events", [libyaml_events, ruamel_events])
def test_events_come_one_by_one(events):
    text = "a: 1\n" * 2000 + "b: ["
    first = list(itertools.islice(events(text), 5))
    assert [type(event).__name__ for event in first][:3] == [
        "StreamStartEvent",
        "DocumentStartEvent",
        "MappingStartEvent",
    ]
    with pytest.raises(InvalidYamlError):
        list(events(text))


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: 1\nb: [1, 2", "expected ',' or ']', but got '<stream end>'", 2),
        ("a: 1\nb: \x07", "holds the character U+0007", 2),
        ("%YAML 1.3\n---\na: 1", "got (1, 3)", 0),
    ],
)
def test_what_is_refused_has_a_reason_and_a_line(text, reason, line):
    with pytest.raises(InvalidYamlError) as caught:
        list(ruamel_events(text))
    assert reason in caught.value.args[0]
    assert caught.value.args[1] == line


def test_a_sound_file_is_read_without_ruamel():
    code = (
        "import sys; from dcsim.scenario.text.document import parse\n"
        "parse('a: {b: [1, 2 kW]}', 'f')\n"
        "assert 'yaml' in sys.modules and 'ruamel.yaml' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
