"""Random streams: the same words for ever, the shorter within the longer, apart by name."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from dcsim.streams import exponentials, uniform, uniforms

KEY = (1, "racks", "arrival", 0)
GOLDEN = [
    0.1060189524626109,
    0.6064176418703926,
    0.8301776118056186,
    0.3147389973415314,
    0.022974795900265244,
]
GOLDEN_SHA256 = "c7e82d7fd19bad3b8a4dceb3fa7a646a6790f4cd7aef069bee1288a034445ba7"


def test_the_first_numbers_of_a_stream_never_change():
    assert uniforms(*KEY, 5).tolist() == GOLDEN


def test_a_thousand_numbers_have_the_hash_they_always_had():
    raw = uniforms(*KEY, 1000).astype("<f8").tobytes()
    assert hashlib.sha256(raw).hexdigest() == GOLDEN_SHA256


def test_the_key_is_the_hash_of_the_four_names_and_a_number_53_bits_of_a_word():
    text = "1\x1fracks\x1farrival\x1f0"
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    words = np.random.Philox(key=key).random_raw(100).tolist()
    assert uniforms(*KEY, 100).tolist() == [((w >> 11) + 0.5) / 2**53 for w in words]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 63, 1000])
def test_a_longer_draw_begins_with_the_shorter(n):
    assert uniforms(*KEY, n).tolist() == uniforms(*KEY, 1001)[:n].tolist()


def test_a_single_number_is_the_first_of_its_stream():
    assert uniform(*KEY) == uniforms(*KEY, 3)[0]


@pytest.mark.parametrize(
    "other",
    [
        (2, "racks", "arrival", 0),
        (1, "racks2", "arrival", 0),
        (1, "racks", "arrivals", 0),
        (1, "racks", "arrival", 1),
        (1, "rack", "sarrival", 0),
        (10, "racks", "arrival", 0),
        (1, "arrival", "racks", 0),
    ],
)
def test_a_stream_that_differs_in_one_name_has_nothing_in_common(other):
    mine, theirs = uniforms(*KEY, 1000), uniforms(*other, 1000)
    assert not np.intersect1d(mine, theirs).size
    assert abs(np.corrcoef(mine, theirs)[0, 1]) < 4 / math.sqrt(1000)


def test_drawing_from_one_stream_does_not_move_another_nor_the_global_state():
    before = np.random.get_state(legacy=False)["state"]["key"].tolist()  # noqa: NPY002
    first = uniforms(*KEY, 10).tolist()
    uniforms(1, "other", "arrival", 0, 10_000)
    assert uniforms(*KEY, 10).tolist() == first
    assert np.random.get_state(legacy=False)["state"]["key"].tolist() == before  # noqa: NPY002


def test_numbers_lie_between_zero_and_one_and_are_spread_evenly():
    u = np.sort(uniforms(7, "wide", "spread", 3, 100_000))
    assert u[0] > 0
    assert u[-1] < 1
    distance = np.abs(u - np.linspace(0, 1, u.size)).max()
    assert distance < 1.95 / math.sqrt(u.size)  # Kolmogorov-Smirnov at one in a thousand


def test_streams_of_many_things_are_spread_evenly_too():
    u = np.sort([uniform(1, f"thing-{k}", "comes", 0) for k in range(2000)])
    assert np.abs(u - np.linspace(0, 1, u.size)).max() < 1.95 / math.sqrt(u.size)


def test_exponential_numbers_have_mean_one_and_are_finite_at_both_ends():
    n = 100_000
    e = exponentials(uniforms(1, "exp", "mean", 0, n))
    assert abs(e.mean() - 1) < 4 / math.sqrt(n)
    assert abs(e.var() - 1) < 4 * math.sqrt(8 / n)
    ends = exponentials(np.array([2.0**-54, 1 - 2.0**-53]))
    np.testing.assert_allclose(ends, [2.0**-54, 53 * math.log(2)], rtol=1e-12)


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_the_hash_seed_of_the_interpreter_changes_nothing(hash_seed):
    code = f"from dcsim.streams import uniforms; print(uniforms(*{KEY}, 3).tolist())"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == str(GOLDEN[:3])
