"""The web service of a checkout: run it with `gunicorn app:app`."""

from reelqueue.web.app import create_app

app = create_app()
