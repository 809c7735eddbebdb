"""How gunicorn serves a checkout, in whose folder it finds this by itself."""

from reelqueue.web.server import *  # noqa: F403  # the settings of the installed package
