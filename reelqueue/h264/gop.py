"""Closed groups of pictures: which pictures follow each other, in which order.

A group begins with an IDR picture, and no picture refers to one outside of the group. A decoder
stores the latest reference pictures: while B pictures are decoded, these are the latest I or P
picture, which is shown after them, the one before it, and a band picture between them if there is
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.h264.bitstream import to_byte_stream
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.parameter_sets import (
    LOG2_MAX_PIC_ORDER_CNT_LSB,
    ParameterSets,
    write_parameter_sets,
)
from reelqueue.h264.pictures import (
    BandPicture,
    BPicture,
    MotionPicture,
    StripPicture,
    write_b_picture,
    write_i_picture,
    write_idr_picture,
    write_p_picture,
    write_p_skip_picture,
)
from reelqueue.h264.slice_header import ISlice, PSlice

# pic_order_cnt_lsb tells two pictures apart that are less than half its range from each other
# (8.2.1.1), and there are two counts for each frame.
MAX_REFERENCE_DISTANCE = (1 << LOG2_MAX_PIC_ORDER_CNT_LSB - 2) - 1  # frames


@dataclass(frozen=True)
class MiniGop:
    """B pictures and the I or P picture that is shown after them, one frame each.

    Attributes:
        b_pictures: in output order; made of the reference pictures around them, which are the
            previous I or P picture, this one, and one band picture among them if there is one.
        last: the I or P picture, which is decoded first. A P picture is predicted from the previous
            one, whose repetitions do not count.
    """

    b_pictures: Sequence[BPicture]
    last: ISlice | PSlice

    @property
    def bands(self) -> list[int]:
        """The places of the band pictures among the B pictures."""
        kinds = enumerate(map(type, self.b_pictures))
        return [place for place, kind in kinds if kind is BandPicture]


@dataclass(frozen=True)
class Gop:
    """A closed group of pictures.

    Attributes:
        idr_slice: the IDR picture.
        idr_frames: how many frames show it, 1 at least: the first one is the IDR picture, and P
            pictures repeat it.
        mini_gops: what follows; with a band picture, there are no strip and no motion pictures.
    """

    idr_slice: ISlice
    idr_frames: int
    mini_gops: Sequence[MiniGop] = ()


def code_gop(parameter_sets: ParameterSets, gop: Gop, idr_pic_id: int) -> Iterator[AccessUnit]:
    """Yield the access units of a group of pictures in decoding order.

    Args:
        parameter_sets: those that the I and P slices were made with.
        gop: the group.
        idr_pic_id: 0 to 65535; that of two consecutive groups must differ (ITU-T H.264, 7.4.3).

    Raises:
        OutOfRangeError: if two consecutive reference pictures are more than
            `MAX_REFERENCE_DISTANCE` frames from each other, or weights are wrong.
        ValueError: if the group has pictures that do not go together.
    """
    yield AccessUnit(to_byte_stream(write_idr_picture(gop.idr_slice, idr_pic_id)), 0, is_idr=True)
    _check_distance(gop.idr_frames - 1)
    for frame in range(1, gop.idr_frames):
        nal_unit = write_p_skip_picture(parameter_sets, frame_num=1, pic_order_cnt=2 * frame)
        yield AccessUnit(to_byte_stream(nal_unit), frame)
    kinds = {type(picture) for mini_gop in gop.mini_gops for picture in mini_gop.b_pictures}
    if BandPicture in kinds and kinds & {StripPicture, MotionPicture}:
        raise ValueError("A group has either band pictures or pictures of vectors.")
    latest_reference, start, frame_num = 0, gop.idr_frames, 1
    for mini_gop in gop.mini_gops:
        end = start + len(mini_gop.b_pictures)
        _check_distance(end - latest_reference)
        yield from _code_mini_gop(parameter_sets, mini_gop, start, frame_num)
        latest_reference, start = end, end + 1
        frame_num += 1 + len(mini_gop.bands)


def write_byte_stream(
    parameter_sets: ParameterSets, gops: Sequence[Gop], frame_rate: Fraction
) -> bytes:
    """Return groups of pictures, one after the other, as a byte stream (ITU-T H.264, B.1).

    Args:
        parameter_sets: those that the I and P slices were made with.
        gops: the groups, in output order.
        frame_rate: frames a second.

    Raises:
        OutOfRangeError: if no level has room for the frames, or a group is out of range.
    """
    coded = [
        access_unit.data
        for number, gop in enumerate(gops)
        for access_unit in code_gop(parameter_sets, gop, idr_pic_id=number % 2)
    ]
    return write_parameter_sets(parameter_sets, frame_rate) + b"".join(coded)


def _code_mini_gop(
    parameter_sets: ParameterSets, mini_gop: MiniGop, start: int, frame_num: int
) -> Iterator[AccessUnit]:
    """Yield the I or P picture, then the B pictures, the first of which is the frame `start`."""
    end, last = start + len(mini_gop.b_pictures), mini_gop.last
    if isinstance(last, PSlice):
        nal_unit = write_p_picture(last, frame_num=frame_num, pic_order_cnt=2 * end)
    else:
        nal_unit = write_i_picture(last, frame_num=frame_num, pic_order_cnt=2 * end)
    yield AccessUnit(to_byte_stream(nal_unit), end)
    bands = mini_gop.bands
    if len(bands) > 1:
        raise ValueError("Between two I pictures there is one band picture at most.")
    places = [*bands, *(place for place in range(end - start) if place not in bands)]
    for decoded, place in enumerate(places):
        # A picture has the number behind that of the latest reference picture (7.4.3).
        number = frame_num + (2 if bands and decoded else 1)
        frame = start + place
        nal_units = write_b_picture(
            parameter_sets, mini_gop.b_pictures[place], frame_num=number, pic_order_cnt=2 * frame
        )
        yield AccessUnit(to_byte_stream(*nal_units), frame)


def _check_distance(frames: int) -> None:
    if frames > MAX_REFERENCE_DISTANCE:
        raise OutOfRangeError(f"Pictures that are {frames} frames apart cannot be told apart.")
