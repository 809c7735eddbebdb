"""axe-core in a page: the rules of WCAG that a program can check."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browsing import rest
from tests.conftest import ROOT

# The rules that have to do with colours, and so with the theme.
COLOURS = ("color-contrast", "link-in-text-block")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LIST_FAULTS = """async (rules) => {
    const only = rules.length ? {runOnly: {type: 'rule', values: rules}}
        : {rules: {'target-size': {enabled: true}}};  // of WCAG 2.2, which is off by itself
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


def find_faults_of_themes(page: Page) -> list[str]:
    """Return what breaks the rules of colours in the dark theme, or any rule in the light one."""
    page.emulate_media(color_scheme="dark")
    faults = find_faults(page, *COLOURS)
    page.emulate_media(color_scheme="light")
    return faults + find_faults(page)
