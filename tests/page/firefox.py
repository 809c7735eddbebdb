"""Firefox, driven by its own remote protocol, Marionette: WebDriver's commands as JSON over TCP.

Source: firefox-source-docs.mozilla.org, "Marionette Protocol"; the commands are those of WebDriver
(www.w3.org/TR/webdriver2).
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import started, wait_until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name of a reference to an element
PORT_FILE = "MarionetteActivePort"
PREFERENCES = """
user_pref("marionette.port", 0);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("media.autoplay.default", 0);
"""


def find_firefox() -> str | None:
    """Return the path of Firefox, as Debian has it or others do."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """A window of Firefox."""

    def __init__(self, connection: socket.socket) -> None:
        self._stream = connection.makefile("rwb")
        self._count = 0
        self._receive()  # it says who it is
        self._command("WebDriver:NewSession", capabilities={})

    def open(self, address: str) -> None:
        self._command("WebDriver:Navigate", url=address)

    def resize(self, width: int, height: int) -> None:
        self._command("WebDriver:SetWindowRect", width=width, height=height)

    def run(self, script: str, *values: object) -> Any:
        """Run the body of a function in the page, with `arguments`; return what it returns."""
        answer = self._command("WebDriver:ExecuteScript", script=script, args=list(values))
        return answer["value"]

    def click(self, selector: str) -> None:
        self._command("WebDriver:ElementClick", id=self._find(selector))

    def type(self, selector: str, text: str) -> None:
        """Write into a field, after what is there; a line for each file, into a field of files."""
        self._command("WebDriver:ElementSendKeys", id=self._find(selector), text=text)

    def choose(self, selector: str, paths: Sequence[Path]) -> None:
        self.type(selector, "\n".join(str(path) for path in paths))

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        try:
            wait_until(lambda: bool(self.run(f"return {condition}")))
        except AssertionError:
            raise AssertionError(f"waited in vain for {condition}") from None

    def see(self) -> bytes:
        """Return a picture of what is seen, as PNG."""
        answer = self._command("WebDriver:TakeScreenshot", full=False)
        return base64.b64decode(answer["value"])

    def _find(self, selector: str) -> str:
        found = self._command("WebDriver:FindElement", using="css selector", value=selector)
        element: str = found["value"][ELEMENT]
        return element

    def _command(self, name: str, **parameters: object) -> Any:
        self._count += 1
        message = json.dumps([0, self._count, name, parameters]).encode()
        self._stream.write(b"%d:%s" % (len(message), message))
        self._stream.flush()
        _kind, _count, error, result = self._receive()
        assert error is None, f"{name} {parameters}: {error}"
        return result

    def _receive(self) -> Any:
        length = b""
        while (digit := self._stream.read(1)) != b":":
            assert digit, "Firefox has ended"
            length += digit
        return json.loads(self._stream.read(int(length)))


@contextmanager
def running_firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """A Firefox that nobody has used before."""
    profile.mkdir(exist_ok=True)
    (profile / "user.js").write_text(PREFERENCES)
    command = [program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    with started(command, {"MOZ_HEADLESS": "1", "HOME": str(profile)}):
        port_file = profile / PORT_FILE
        wait_until(lambda: port_file.exists() and bool(port_file.read_text().strip()))
        address = ("127.0.0.1", int(port_file.read_text()))
        with socket.create_connection(address, 120) as connection:
            yield Firefox(connection)
