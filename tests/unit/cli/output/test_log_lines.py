from __future__ import annotations

import logging
import re

import pytest

from dcsim.cli.output.log_lines import log_to_stderr
from dcsim.log import logger_of

LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} (INFO   |DEBUG  ) dcsim\.[\w.]+: .+")


@pytest.mark.parametrize(
    ("verbosity", "levels"), [(1, ["INFO"]), (2, ["DEBUG", "INFO"]), (5, ["DEBUG", "INFO"])]
)
def test_verbosity_is_a_level(capsys, verbosity, levels):
    end = log_to_stderr(verbosity)
    logger_of("dcsim.a").debug("small")
    logger_of("dcsim.a").info("large")
    end()
    out, err = capsys.readouterr()
    assert out == ""
    assert all(LINE.fullmatch(line) for line in err.splitlines())
    assert [line.split()[1] for line in err.splitlines()] == levels


def test_the_end_restores_what_was_before(capsys):
    logger = logging.getLogger("dcsim")
    before = (logger.level, list(logger.handlers))
    log_to_stderr(2)()
    logger_of("dcsim.a").info("after")
    assert (logger.level, logger.handlers) == before
    assert capsys.readouterr().err == ""


def test_a_name_from_a_file_is_not_obeyed_by_the_terminal(capsys):
    end = log_to_stderr(1)
    logger_of("dcsim.a").info("read %s", "\x1b[2Jplan\nyaml")
    end()
    assert capsys.readouterr().err.endswith("read \\x1b[2Jplan\\nyaml\n")


def test_a_command_logs_only_if_it_is_asked_to(cli):
    quiet = cli("show", "plan.yaml", "name")
    told = cli("-v", "show", "plan.yaml", "name")
    assert quiet.stderr == ""
    assert told.stdout == quiet.stdout
    assert re.search(r"INFO .*: reading plan\.yaml took 0\.\d+ s\n", told.stderr)
    assert "DEBUG" in cli("-vv", "show", "plan.yaml", "name").stderr
    assert cli("show", "plan.yaml", "name").stderr == ""


def test_json_stays_json_with_log_lines_beside_it(cli):
    import json

    done = cli("-vv", "run", "plan.yaml", "--json")
    assert json.loads(done.stdout)["replication"] == 0
    assert "supply took" in done.stderr
