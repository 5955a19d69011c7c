from __future__ import annotations

import os
import time

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.text.document import parse, parse_value, read_node

pytestmark = pytest.mark.usefixtures("yaml_reader")


def plain(text):
    return parse(text, "plan.yaml").plain


def refused(text):
    with pytest.raises(ScenarioError) as caught:
        parse(text, "plan.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value)


def refused_file(path):
    with pytest.raises(ScenarioError) as caught:
        read_node(path, "plan.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "y", "n", "NO", "Off"])
def test_words_of_yaml_1_1_are_text(word):
    assert plain(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e6", 1e6),
        ("1E+3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-0.25", -0.25),
        ("12", 12),
        ("+3", 3),
        ("010", 10),
        ("9007199254740992", 2**53),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_core_scalars_are_read_as_yaml_1_2_says(text, value):
    found = plain(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["1_000", "0o17", "0x1f", "1:30", "2027-11-30", "1.2.3", "nan", "inf", "1e", "--1", "=5"],
)
def test_other_scalars_are_text(text):
    assert plain(f"a: {text}") == {"a": text}


@pytest.mark.parametrize("text", ["'1'", '"1"', "'true'", "'null'", '"1e6"'])
def test_quoted_scalars_are_text(text):
    assert plain(f"a: {text}") == {"a": text[1:-1]}


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.Inf", "1e400", "-1e400"])
def test_a_number_is_finite(text):
    assert refused(f"b: 1\na: {text}") == f"plan.yaml:2: a: {text} is not a finite number"


def test_a_whole_number_fits_into_a_float():
    text = "9007199254740993"
    assert refused(f"a: {text}") == f"plan.yaml:1: a: {text} is a whole number beyond ±2^53"
    assert len(refused("a: " + "9" * 60_000)) < 100
    assert len(refused("a: " + "9" * 60_000 + ".0")) < 100


def test_a_repeated_key_names_both_places():
    expected = "plan.yaml:3: key 'a' is repeated; it stands at plan.yaml:1 already"
    assert refused("a: 1\nb: 2\na: 3") == expected
    assert refused("c: {a: 1, a: 1}").startswith("plan.yaml:1: c: key 'a' is repeated")
    assert refused("'1': a\n1: b").startswith("plan.yaml:2: key '1' is repeated")


@pytest.mark.parametrize(
    "text", ["b: 1\na: &x 1", "b: 1\na: *x", "b: 1\na: &x {c: 1}", "b: 1\na: &x"]
)
def test_anchors_and_aliases_are_refused(text):
    message = "anchors and aliases (& and *) are not allowed; write the value out"
    assert refused(text) == f"plan.yaml:2: a: {message}"


@pytest.mark.parametrize("tag", ["!!int 1", "!x 1", "!!python/object/apply:os.system ['true']"])
def test_tags_are_refused(tag):
    message = "tags (!) are not allowed; a scenario is plain data"
    assert refused(f"a: {tag}") == f"plan.yaml:1: a: {message}"


def test_merge_keys_are_refused():
    assert refused("<<: {a: 1}") == "plan.yaml:1: merge keys (<<) are not allowed; use extends"


@pytest.mark.parametrize("text", ["? [a, b]\n: 1", "? {a: 1}\n: 1", "&k a: 1", "!k a: 1"])
def test_a_key_is_plain_text(text):
    assert refused(text) == "plan.yaml:1: a key must be plain text"


def test_a_key_is_short():
    assert refused("x" * 201 + ": 1") == "plan.yaml:1: a key is longer than 200 characters"


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2", "a: 1\n...\n---\nb: 2"])
def test_a_second_document_is_refused(text):
    assert "holds a second document; one file is one scenario" in refused(text)


def test_one_document_with_its_marks_is_fine():
    assert plain("---\na: 1\n...\n") == {"a": 1}


@pytest.mark.parametrize("text", ["%YAML 1.1\n---\na: no", "%TAG ! tag:x,2000:\n---\na: 1"])
def test_directives_are_refused(text):
    assert "directives (%) are not allowed; YAML is read as 1.2" in refused(text)


def test_an_unknown_version_is_refused():
    assert refused("%YAML 1.3\n---\na: 1").startswith("plan.yaml: is not valid YAML: ")


@pytest.mark.parametrize("text", ["a:\n\tb: 1", "\ta: 1"])
def test_a_tab_as_indent_names_its_line(text):
    line = text.count("\n") + 1
    expected = (
        f"plan.yaml:{line}: is not valid YAML: found character '\\t' that cannot start any token"
    )
    assert refused(text) == expected.replace("\\t", "\\t")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 'x", 1),
        ("a: 1\nb: [1, 2", 2),
        ("a: {b: 1", 1),
        ("a: b: c", 1),
        ("a: @x", 1),
        ("a: - b", 1),
    ],
)
def test_broken_yaml_names_its_line(text, line):
    assert refused(text).startswith(f"plan.yaml:{line}: is not valid YAML: ")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n...\n"])
def test_an_empty_file_is_no_scenario(text):
    assert "is empty" in refused(text) or "needs keys" in refused(text)


@pytest.mark.parametrize("text", ["- a\n- b", "text", "5", "[1, 2]"])
def test_a_scenario_is_a_mapping(text):
    assert refused(text) == "plan.yaml:1: needs keys at its top level, such as 'name: …'"


def test_block_scalars_and_lists_of_mappings_are_read():
    text = "a: |\n  two\n  lines\nb: >-\n  one\n  line\nc:\n  - {d: 1}\n  - d: 2\n    e: 3\n"
    expected = {"a": "two\nlines\n", "b": "one line", "c": [{"d": 1}, {"d": 2, "e": 3}]}
    assert plain(text) == expected


def test_the_place_of_a_value_is_the_line_of_its_key():
    node = parse("a: 1\nb:\n  c:\n\n    - 5\n", "plan.yaml").value["b"].value["c"]
    assert node.where == "plan.yaml:3"
    assert node.value[0].where == "plan.yaml:5"


@pytest.mark.parametrize(
    "raw",
    [b"\xef\xbb\xbfa: 1\nb: 2\n", b"a: 1\r\nb: 2\r\n", b"a: 1\rb: 2\r", b"a: 1\nb: 2"],
    ids=["byte-order mark", "CRLF", "CR", "no last line end"],
)
def test_marks_and_line_ends_of_other_systems_are_read(tmp_path, raw):
    (tmp_path / "plan.yaml").write_bytes(raw)
    assert read_node(tmp_path / "plan.yaml", "plan.yaml").plain == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("raw", "line"),
    [(b"a: 1\nb: \xff", 2), (b"\xff\xfea\x00:\x00", 1), ("a: é".encode("latin-1"), 1)],
    ids=["stray byte", "UTF-16", "Latin-1"],
)
def test_another_encoding_names_its_line(tmp_path, raw, line):
    (tmp_path / "plan.yaml").write_bytes(raw)
    expected = f"plan.yaml:{line}: is not UTF-8; save the file in that encoding"
    assert refused_file(tmp_path / "plan.yaml") == expected


def test_text_of_all_scripts_is_read():
    assert plain("a: 울산 Ünïçødé 🔋") == {"a": "울산 Ünïçødé 🔋"}


@pytest.mark.parametrize("code", ["00", "07", "1b", "7f", "9b"])
def test_a_raw_control_character_is_refused(code):
    text = f"a: 1\nb: x{chr(int(code, 16))}y"
    told = refused(text)
    assert told.startswith("plan.yaml:2: ")
    assert f"U+00{code.upper()}" in told


@pytest.mark.parametrize("escape", ["\\e", "\\0", "\\x9b", "\\u202e", "\\u2066", "\\r", "\\L"])
def test_an_escaped_control_character_is_refused(escape):
    assert "holds the control character U+" in refused(f'a: "x{escape}y"')
    assert "holds the control character U+" in refused(f'"x{escape}y": 1')


def test_nesting_is_bounded():
    fine = "a: " + "[" * 31 + "]" * 31
    assert plain(fine)
    assert "is nested deeper than 32 levels" in refused("a: " + "[" * 33 + "]" * 33)
    blocks = "".join(" " * depth + "a:\n" for depth in range(40))
    assert refused(blocks).startswith("plan.yaml:34: ")


def test_the_number_of_values_is_bounded():
    told = refused("".join(f"k{n}: 1\n" for n in range(20_001)))
    assert told == "plan.yaml:20000: k19999: holds more than 20,000 values"


def test_the_size_of_a_file_is_bounded(tmp_path):
    (tmp_path / "plan.yaml").write_bytes(b"#" * 80 + (b"\n" * (1 << 20)))
    expected = "plan.yaml: is larger than 1 MiB, the most a scenario may be"
    assert refused_file(tmp_path / "plan.yaml") == expected


def test_the_length_of_a_line_is_bounded(tmp_path):
    (tmp_path / "plan.yaml").write_text("a: 1\n#" + "x" * 70_000, encoding="utf-8")
    expected = "plan.yaml:2: line is longer than 65,536 characters"
    assert refused_file(tmp_path / "plan.yaml") == expected


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 60_000,
        "{" * 60_000,
        "- " * 30_000,
        "? " * 30_000,
        "a: " + "[{" * 30_000,
        "&a " * 20_000,
    ],
    ids=["brackets", "braces", "dashes", "question marks", "both", "anchors"],
)
def test_a_bomb_is_refused_at_once(bomb):
    began = time.process_time()
    assert refused(bomb)
    assert time.process_time() - began < 20


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused_file(tmp_path / "pipe") == "plan.yaml: is not a file"
    assert refused_file(tmp_path) == "plan.yaml: is not a file"
    assert refused_file(tmp_path / "none.yaml") == "plan.yaml: does not exist"


def test_a_value_of_the_command_line_is_one_value():
    assert parse_value("{value: 5 MW, source: x}", "--set a").plain == {
        "value": "5 MW",
        "source": "x",
    }
    assert parse_value("[1, 2]", "--set a").where == "--set a"
    with pytest.raises(ScenarioError, match=r"^--set a: must be one value, on one line$"):
        parse_value("1\nb: 2", "--set a")
    with pytest.raises(ScenarioError, match=r"^--set a: tags "):
        parse_value("!x 1", "--set a")
