"""H.264 streams written by hand, for pictures that only stand still, mix or move.

    bitstream        bits, Exp-Golomb codes, NAL units
    cabac            the arithmetic coder, as far as skipped macroblocks need it
    levels           the lowest level that a size and rate need
    parameter_sets   sequence and picture parameter sets: x264's read, our own written
    slice_header     slices: an intra slice moved under a new header, skipped and copied pictures
    macroblocks      macroblocks that copy one of two pictures on either side of an edge
    gop              one closed group of pictures after another
    errors           what to catch

Section numbers are those of ITU-T H.264 (08/2021).
"""
