"""Written motion: the H.264 of photos that move, of which few frames are drawn and encoded.

cavlc         codes of whole arrays of numbers, and their bits
coder         groups of pictures of photos that move: begin here
coefficients  blocks of transform coefficients, coded
correction    what keys lack, drawn and added as a residual
gaps          keys, and the frames between them
keys          the frames that libx264 encodes
likeness      whether what is written looks like what would be drawn
macroblocks   the slice data of B pictures in which each macroblock has its own vectors
predictions   what written frames are predicted from, and what keys lack of them
residual      the coded residual of macroblocks
samples       what a decoder copies from keys, and what that lacks
transform     errors of a prediction as levels of transform coefficients
vectors       where each macroblock is in the keys around a frame
"""
