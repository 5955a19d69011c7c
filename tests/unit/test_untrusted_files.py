from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcsim.untrusted_files import FileRefusedError, read_untrusted_file, refuse_unless_small


def refusal(path, most=100):
    with pytest.raises(FileRefusedError) as caught:
        read_untrusted_file(path, most)
    return str(caught.value)


def test_a_regular_file_is_read_whole(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")
    assert read_untrusted_file(tmp_path / "link", 3) == b"abc"
    assert refuse_unless_small(tmp_path / "a", 3) == 3


def test_what_is_no_small_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "lost").symlink_to("nowhere")
    with (tmp_path / "giant").open("wb") as file:
        file.truncate(1 << 40)
    assert refusal(tmp_path / "pipe") == "is not a file"
    assert refusal(Path("/dev/zero")) == "is not a file"
    assert refusal(tmp_path) == "is not a file"
    assert refusal(tmp_path / "lost") == "is not a file"
    assert refusal(tmp_path / "none") == "does not exist"
    assert "cannot be read" in refusal(tmp_path / "loop")
    assert refusal(tmp_path / "giant", 1 << 20) == "is larger than 1 MiB"
    assert refusal(tmp_path / "a\0b") == "is not a file"


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="a file of Linux")
def test_a_file_that_claims_to_be_empty_is_read_as_empty(tmp_path):
    (tmp_path / "z.yaml").symlink_to("/proc/self/pagemap")
    assert read_untrusted_file(tmp_path / "z.yaml", 100) == b""
