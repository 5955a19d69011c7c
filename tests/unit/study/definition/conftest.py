"""The message with which a study is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dcsim.errors import ScenarioError
from dcsim.study.definition.spec import default_root


@pytest.fixture
def refusal(study_of) -> Callable[[str], str]:
    """Read the text of a study that is wrong, and return the message; its folder is ``ROOT``."""

    def read(text: str) -> str:
        with pytest.raises(ScenarioError) as caught:
            study_of(text)
        return str(caught.value).replace(str(default_root(study_of.path)), "ROOT")

    return read
