"""An S3 service that answers one conditional request at a time.

So of several that create a key only one succeeds, as with S3; moto by itself is not so careful.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import run_simple

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_lock = Lock()
_serve = DomainDispatcherApplication(create_backend_app)


def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request; a conditional one once others before it are over."""
    answer: Iterable[bytes]
    if "HTTP_IF_NONE_MATCH" not in environ:
        answer = _serve(environ, start_response)
        return answer
    with _lock:
        answer = list(_serve(environ, start_response))
        return answer


if __name__ == "__main__":
    run_simple(
        "127.0.0.1", int(sys.argv[1]), serve, threaded=True, request_handler=MotoRequestHandler
    )
