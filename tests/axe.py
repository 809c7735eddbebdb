"""axe-core in a page: the rules of WCAG that a program can check."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browsing import rest
from tests.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LIST_FAULTS = """async (rules) => {
    const only = rules.length ? {runOnly: {type: 'rule', values: rules}} : {};
    const {violations} = await axe.run({resultTypes: ['violations'], ...only});
    return violations.map(
        ({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(' ')}`);
}"""


def find_faults(page: Page, *rules: str) -> list[str]:
    """Return what breaks some rules, or any, of a page at rest; skip without npm's packages."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `make test` installs it")
    rest(page)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    faults: list[str] = page.evaluate(LIST_FAULTS, list(rules))
    return faults
