"""Import this to have the page's files in the memory of this process, as browsers get them.

`tests/nursery.py` does so before it forks services: else each compresses them again for its first
visitor, which takes more processor time than its start.
"""

from __future__ import annotations

import gc

from flask import Flask

from reelqueue.config import find_assets
from reelqueue.web.assets import register_assets


def fill() -> None:
    """Ask for each file once."""
    folder = find_assets("static")
    app = Flask(__name__, static_folder=folder)
    register_assets(app)
    client = app.test_client()
    for path in folder.rglob("*.*"):
        client.get(f"/static/{path.relative_to(folder)}", headers={"Accept-Encoding": "br"})


fill()
gc.freeze()  # what is there by now is collected in no fork, and so not copied for one
