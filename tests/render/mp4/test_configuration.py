"""Decoder configurations that are joined into one."""

from __future__ import annotations

import pytest

from reelqueue.errors import RenderError
from reelqueue.render.mp4.configuration import Configuration, join_configurations

SPS = bytes.fromhex("6764001facd940881e7bf016a020202800001f480007530078c18cb0")
PPS = bytes.fromhex("68ef85f2c0")
COARSER = bytes.fromhex("68ef86f2c0")  # begins with another quantiser
OTHER_ID = bytes.fromhex("6853e17cb0")


def configure(sps: bytes = SPS, pps: bytes = PPS) -> Configuration:
    return Configuration(sps[1], sps[2], sps[3], (sps,), (pps,), bytes([0xFD, 0xF8, 0xF8, 0]))


def test_repeated_sets_are_kept_once() -> None:
    assert join_configurations([configure(), configure()]) == configure()
    assert join_configurations([configure(), configure(pps=OTHER_ID)]).pps == (PPS, OTHER_ID)


def test_level_is_the_highest() -> None:
    higher = SPS[:3] + bytes([0x28]) + SPS[4:]
    joined = join_configurations([configure(), configure(higher)])
    assert (joined.level, joined.sps) == (0x28, (higher,))


def test_level_is_no_lower_than_that_of_a_set() -> None:
    """The header of a stranger's file can tell a lower one."""
    higher = SPS[:3] + bytes([0x28]) + SPS[4:]
    stranger = Configuration(100, 0, 0x1E, (higher,), (PPS,), b"")
    joined = join_configurations([stranger, configure()])
    assert (joined.level, joined.sps) == (0x28, (higher,))


def test_sets_that_differ_but_for_their_id_are_refused() -> None:
    with pytest.raises(RenderError, match="coded differently"):
        join_configurations([configure(), configure(pps=COARSER)])


def test_odd_sets_of_one_stream_are_left_to_decoders() -> None:
    odd = Configuration(100, 0, 31, (SPS,), (PPS, PPS + b"\0", b"\x68", bytes(3)), b"")
    joined = join_configurations([odd, configure(pps=OTHER_ID), odd])
    assert joined.pps == (*odd.pps, OTHER_ID)


def test_configuration_is_stored_as_it_was_read() -> None:
    data = configure().to_bytes()
    assert Configuration.from_bytes(data) == configure()
    assert Configuration.from_bytes(data).to_bytes() == data
