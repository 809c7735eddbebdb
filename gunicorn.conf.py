"""The settings of gunicorn in a checkout: gunicorn reads this file from the current folder."""

from reelqueue.web.server import *  # noqa: F403  # gunicorn reads its settings as globals
