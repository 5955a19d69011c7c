from __future__ import annotations

import json
import pickle
import unicodedata

import pytest

from dcsim.errors import (
    DcsimError,
    ModelError,
    Problem,
    ScenarioError,
    cut,
    printable,
    printable_json,
)

PROBLEMS = [Problem("a.yaml:3", "site.start", "is no date"), Problem("", "", "is empty")]


def test_an_error_lists_every_problem_with_its_place():
    assert str(ScenarioError(PROBLEMS)) == "a.yaml:3: site.start: is no date\nis empty"


def test_an_error_survives_the_way_to_another_process():
    found = pickle.loads(pickle.dumps(ScenarioError(PROBLEMS)))
    assert found.problems == PROBLEMS


def test_a_model_error_is_a_value_error_and_one_of_dcsim():
    assert issubclass(ModelError, ValueError)
    assert issubclass(ModelError, DcsimError)


@pytest.mark.parametrize(
    ("text", "most", "wanted"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("racks of 1,234,567 GPUs", 14, "racks of…"),
        ("racks of 1,234,567 GPUs", 21, "racks of…"),
        ("by 2030-06-01 or later", 10, "by…"),
        ("123456789", 5, "1234…"),
    ],
)
def test_a_long_text_is_cut_to_the_length(text, most, wanted):
    assert cut(text, most) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202eabc", "\\u202eabc"),
        ("::error::x", ":\\:error:\\:x"),
        ("x ##[group]", "x #\\#[group]"),
        ("##vso[task.complete]", "#\\#vso[task.complete]"),
        ("#\ufe0f#\ufe0fvso[task.complete]", "#\\\ufe0f#\ufe0fvso[task.complete]"),
        ("a # b: c", "a # b: c"),
        ("울산 60 °C", "울산 60 °C"),
    ],
)
def test_neither_terminal_nor_log_obeys_a_printed_text(text, wanted):
    assert printable(text) == wanted


def azure_agent_finds_command(line):
    """Tell whether the agent of Azure Pipelines takes a line for a command.

    `Command.TryParse` looks for the prefix anywhere, by a comparison that passes over characters
    without weight, and for the bracket that closes; the log viewer looks for ``##[``.
    """
    seen = "".join(c for c in line if not is_without_weight(c))
    return any(0 <= seen.find(prefix) < seen.rfind("]") for prefix in ("##vso[", "##[", "##VSO["))


def is_without_weight(c):
    is_selector = "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"
    return is_selector or c == "\u034f" or unicodedata.category(c) == "Cf"


def github_runner_finds_command(line):
    """Tell whether the runner of GitHub Actions takes a line for a command.

    Version 2: spaces are trimmed, the line begins with ``::`` and has another pair. Version 1:
    ``##[`` anywhere with the bracket that closes.
    """
    second = line.strip()
    newer = second.startswith("::") and second.find("::", 2) > 0
    return newer or 0 <= line.find("##[") < line.rfind("]")


@pytest.mark.parametrize(
    "text",
    [
        "##vso[task.setvariable variable=PATH]x",
        "name ##vso[task.complete result=Succeeded;]",
        "###vso[task.complete]##vso[task.complete]",
        "\\##[error]x",
        "##[##[error]x",
        "#\u200d#vso[task.complete]",
        "#\ufe0f#\u034fv\ufe00so\ufe01[task.complete]",
        "##VSO[task.complete]",
        "::set-env name=PATH::/tmp",
        " \u2003::error::x",
        "\u3000::add-mask::x",
        "word ::error::x",
        "word::::error::x",
    ],
)
def test_no_agent_finds_a_command_however_a_text_is_wrapped(text):
    shown = printable(text)
    assert any(map(azure_agent_finds_command, [text])) or "::" in text
    for start in range(len(shown)):
        assert not azure_agent_finds_command(shown[start:])
        assert not github_runner_finds_command(shown[start:])


@pytest.mark.parametrize("text", ["##vso[task.complete]", "x ##[error]", "#\ufe0f#vso[a.b]"])
def test_no_agent_finds_a_command_in_json(text):
    shown = printable_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(shown) == text
    assert not azure_agent_finds_command(shown)
    assert not github_runner_finds_command(shown)


@pytest.mark.parametrize("value", ["##[group]", "\u202eabc", "plain"])
def test_printable_json_reads_back_the_same(value):
    text = printable_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert "##[" not in text
    assert "\u202e" not in text
