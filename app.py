"""The web service of a checkout: `gunicorn app:app` serves it."""

from reelqueue.web.app import create_app

app = create_app()
