"""The limits of what an order may request. What an operator may set is in `reelqueue.config`."""

MAX_TRACKS = 50  # of music, in one video
SHORTEST_PHOTO = 0.2  # seconds
LONGEST_PHOTO = 60  # seconds
LONGEST_TRANSITION = 10  # seconds

SHORTEST_SIDE = 64  # of a slideshow's video, in pixels
LONGEST_SIDE = 3840

LONGEST_TEXT = 300  # characters of a caption, or of a title card's second line
LONGEST_TITLE = 100
LONGEST_CARD = 60  # seconds

LONGEST_NARRATION = 1000  # characters of one photo or card: about a minute
MAX_NARRATION_CHARACTERS = 20_000  # of a slideshow
SLOWEST_NARRATION = 0.5
FASTEST_NARRATION = 2.0

SHORTEST_CLIP = 0.1  # seconds; of each of its segments, too
MAX_SEGMENTS = 500
LONGEST_JOIN = 5.0  # seconds
SLOWEST_SPEED = 0.25
FASTEST_SPEED = 4.0
LONGEST_MEDIA = 14_400  # four hours: longer uploads are refused
MAX_CUES = 20_000
MAX_CUE_CHARACTERS = 500
MAX_CUES_AT_ONCE = 8
MAX_CUE_WORDS = 250
WORD_TOLERANCE = 0.01  # seconds by which words may leave their caption, because of rounding

MAX_HIGHLIGHTS = 50
SHORTEST_HIGHLIGHT = 1  # seconds
LONGEST_HIGHLIGHT = 600

MAX_BATCH_JOBS = 100
MAX_BATCH_REFERENCES = 10_000  # photos of all its slideshows that are videos of its jobs

QUIETEST = -30  # loudness of a clip, in LUFS
LOUDEST = -10
HIGHEST_VOLUME = 4  # of a clip's own sound
HIGHEST_MUSIC_VOLUME = 2
LONGEST_FADE = 60  # of a clip's pictures and of its sound, in seconds

DARKEST = 0.2  # factors of brightness
BRIGHTEST = 3
LOWEST_CONTRAST = 0.2
HIGHEST_CONTRAST = 3
HIGHEST_SATURATION = 3
NARROWEST_LOGO = 0.02  # of the frame's width
FAINTEST_LOGO = 0.05

LARGEST_SEED = 2**31 - 1

MAX_VOCABULARY = 50  # names and terms to listen for
MAX_VOCABULARY_CHARACTERS = 60
MAX_TRANSCRIPT_SEGMENTS = 20_000

SMALLEST_FILE = 10_000  # bytes that a finished video may be limited to
LARGEST_FILE = 100_000_000_000
