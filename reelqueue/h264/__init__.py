"""H.264 streams written by hand, for pictures that only stand still, mix or move.

    bits         bits, Exp-Golomb codes, NAL units
    cabac        the arithmetic coder, as far as skipped macroblocks need it
    levels       the least level that a size and rate need
    parameters   sequence and picture parameter sets: x264's read, our own written
    slices       slice headers: an intra slice moved under a new one, skipped and copied pictures
    motion       macroblocks that copy one of two pictures on either side of an edge
    stream       one closed group of pictures after another
    errors       what to catch

Section numbers are those of ITU-T H.264 (08/2021).
"""
