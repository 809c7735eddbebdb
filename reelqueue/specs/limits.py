"""The limits of what an order may request. What an operator may set is in `reelqueue.config`."""

MAX_TRACKS = 50  # of music, in one slideshow
SHORTEST_PHOTO = 0.2  # seconds
LONGEST_PHOTO = 60  # seconds
LONGEST_TRANSITION = 10  # seconds

SHORTEST_SIDE = 64  # of a slideshow's video, in pixels
LONGEST_SIDE = 3840

LONGEST_TEXT = 300  # characters of a caption, or of a title card's second line
LONGEST_TITLE = 100
LONGEST_CARD = 60  # seconds

SHORTEST_CLIP = 0.1  # seconds
LONGEST_MEDIA = 14_400  # four hours: longer uploads are refused
MAX_CUES = 20_000
MAX_CUE_CHARACTERS = 500
MAX_CUES_AT_ONCE = 8
MAX_CUE_WORDS = 250

LARGEST_SEED = 2**31 - 1

MAX_VOCABULARY = 50  # names and terms to listen for
MAX_VOCABULARY_CHARACTERS = 60
MAX_SEGMENTS = 20_000  # of a transcript
