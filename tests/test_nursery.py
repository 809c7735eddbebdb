"""The nursery of the tests leaves no folders behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.process

SCRIPT = """
import sys

made = []
sys.addaudithook(lambda event, facts: made.append(facts) if event == "tempfile.mkdtemp" else None)
import tests.nursery
print(made)
"""


def test_import_makes_no_folder() -> None:
    """Processes that it forks import it, and end before they can remove one."""
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
