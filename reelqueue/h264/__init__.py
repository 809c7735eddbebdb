"""A library that writes H.264 streams of pictures that stand still, fade or move.

It needs an encoder for the still pictures, and for some of those that move. All pictures between
them are written directly, as slices that tell the decoder what to copy and what to mix; most take
about 20 bytes. Names are those of the standard, and so are the clauses in the docstrings: ITU-T
H.264 (08/2021).

    access_unit        an encoder's still picture taken apart; the pictures that we write
    bitstream          bits, Exp-Golomb codes, NAL units, byte streams
    coefficient_codes  codes of transform coefficients
    errors             what to catch
    gop                groups of pictures, and whole streams of them: begin here
    levels             the lowest level that a size and a frame rate need
    macroblocks        macroblocks of pictures cut into strips
    motion             inter prediction, and the prediction of motion vectors
    parameter_sets     sps and pps: an encoder's are parsed, our own are written
    pictures           the pictures that there are: IDR, I, P, B_Skip, strips, bands, vectors
    quantisation       how transform coefficients are scaled and ordered
    slice_header       slice headers, and another encoder's slices under headers of ours
    slice_parsing      another encoder's I and P slices taken apart
    vui                what an sps says of colours and times

A stream is a series of closed groups of pictures (`gop.Gop`). In the order of output, a group is

    I P P P ... P B B B I B B B B I
    |             |     '- another MiniGop
    |             '- a MiniGop: B pictures, made of the I picture before and the one after them
    '- the IDR picture, and P pictures that repeat it

and each I picture is decoded before the B pictures of its MiniGop. A B picture is either the
weighted sum of the two I pictures (`pictures.BSkipPicture`), as in a fade, or cut into strips of 8
samples (`pictures.StripPicture`). A strip is copied from one of the two, moved by whole samples, or
is the weighted sum of both. So an edge between them moves in steps of 8 samples, or of less where
the strip in which it lies is a weighted sum.

One B picture of a MiniGop can have a band with samples of its own (`pictures.BandPicture`), such as
rows in which words have gone. It is decoded before the other B pictures, and each of them is made
of it and of the I picture on its own side.

The I picture of a MiniGop may be a P picture of the encoder, predicted from the one before it: the
same photo, seen from elsewhere. In the B pictures between them, each macroblock has motion vectors
of its own (`pictures.MotionPicture`). Their slice data comes from the caller, since coding so many
vectors takes a library for arrays.

Limits:

- The still pictures are progressive, 8 bits, 4:2:0, encoded with CAVLC as one slice each, without
  scaling matrices, and all with the same parameter sets; bands with the same `pps`.
- They have no I_PCM macroblocks, whose samples begin at a whole byte; x264 writes them only where
  it compares what macroblocks cost in bits (`subme` 6 and higher).
- A group with band pictures has neither strip nor motion pictures, and the last row has no band.
- P pictures of an encoder are predicted from one picture, without weights.
- A motion vector points up to 2047 samples to the side (`motion.MAX_HORIZONTAL_MV`), and up or down
  as far as the level allows (`levels.Level.max_vertical_mv`), which the writer does not check.
- Two consecutive I pictures are at most 16383 frames apart (`gop.MAX_REFERENCE_DISTANCE`).
- The level is chosen by size and frame rate, not by bit rate.
- The stream says that its samples are square, and its colours BT.709 in limited range.

Two seconds that fade from dark to light, with libx264 by way of PyAV as the encoder:

>>> from fractions import Fraction
>>> from io import BytesIO
>>> import av, numpy
>>> from reelqueue.h264.access_unit import parse_idr_access_unit
>>> from reelqueue.h264.gop import Gop, MiniGop, write_byte_stream
>>> from reelqueue.h264.pictures import BSkipPicture, Weights

>>> encoder = av.CodecContext.create("libx264", "w")
>>> encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
>>> encoder.time_base, encoder.thread_type = Fraction(1, 25), "FRAME"  # one slice a picture
>>> encoder.options = {"x264-params": "cabac=0:keyint=1:bframes=0:weightp=0"}
>>> packets = []
>>> for number, level in enumerate([16, 235]):
...     samples = numpy.full((72, 64), level, numpy.uint8)  # luma, and both chroma planes below it
...     frame = av.VideoFrame.from_ndarray(samples, format="yuv420p")
...     frame.pts = number
...     packets += encoder.encode(frame)
>>> packets += encoder.encode(None)
>>> (parameter_sets, dark), (_, light) = [parse_idr_access_unit(bytes(one)) for one in packets]

>>> fade = [BSkipPicture(Weights(128 - weight, weight)) for weight in (32, 64, 96)]
>>> gops = [Gop(dark, idr_frames=23, mini_gops=[MiniGop(fade, light)]), Gop(light, idr_frames=23)]
>>> stream = write_byte_stream(parameter_sets, gops, frame_rate=Fraction(25))

>>> with av.open(BytesIO(stream), format="h264") as video:
...     luma = [int(frame.to_ndarray()[0, 0]) for frame in video.decode(video=0)]
>>> len(luma), luma[21:29]
(50, [16, 16, 71, 126, 180, 235, 235, 235])
"""
