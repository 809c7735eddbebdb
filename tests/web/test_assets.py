"""The page's own files: kept by browsers, compressed, and loaded in one round."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
import rcssmin
import rjsmin
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from reelqueue.config import find_assets
from reelqueue.web.assets import hash_folder, list_modules
from tests.browsing import open_context, visit
from tests.test_page import browser  # noqa: F401  # a fixture
from tests.web.conftest import Site

STATIC = Path(find_assets("static"))
MAX_PAGE_BYTES = 150_000
BY_TLS = {"Accept-Encoding": "gzip, deflate, br"}
"""What browsers take over TLS; else they do not take Brotli."""
COMPARE_PROGRAMS = """
const { parse } = require("espree");
const read = (text) => JSON.stringify(
  parse(text, { ecmaVersion: "latest", sourceType: "module" }),
  (key, value) => (["start", "end"].includes(key) ? undefined : value),
);
const pairs = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const [name, written, sent] of pairs) {
  if (read(written) !== read(sent)) console.log(name);
}
"""
COMPARE_STYLES = """(pairs) => {
    const read = (text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        // Values with variables, and those of variables, are told as they were written.
        const rules = [...sheet.cssRules].map(({cssText}) => cssText.replaceAll(/\\s+/g, ' '));
        return rules.map((rule) => rule.replaceAll(/(?<=[(,]) | (?=[),])/g, ''));
    };
    return pairs.map(([name, written, sent]) => [name, read(written), read(sent)]);
}"""
LIST_SCRIPTS = """() => performance.getEntriesByType('resource')
    .map(({name}) => new URL(name).pathname).filter((path) => path.endsWith('.js'))"""


def list_addresses(site: Site) -> list[str]:
    page = site.open_browser().get("/").text
    return re.findall(r'(?:src|href)="(/static/[^"]+)"', page)


def test_files_of_the_page_are_kept_by_the_browser_until_they_change(site: Site) -> None:
    addresses = list_addresses(site)
    assert any(address.endswith("/page.js") for address in addresses)
    client = site.open_client()
    for address in addresses:
        with client.get(address) as response:
            assert response.status_code == 200, address
            assert "immutable" in response.headers["Cache-Control"], address


def test_address_of_another_version_leads_to_the_file_as_it_is(site: Site) -> None:
    client = site.open_client()
    for address in ("/static/~0123456789ab/page.js", "/static/page.js"):
        with client.get(address) as response:
            assert response.get_data(as_text=True) == read_small("page.js")
            assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["page.js", "style.css", "icon.svg"])
@pytest.mark.parametrize(
    ("taken", "coding"), [("gzip", "gzip"), ("gzip, br", "br"), ("br;q=0, gzip", "gzip")]
)
def test_files_are_compressed_for_those_who_take_it(
    site: Site, name: str, taken: str, coding: str
) -> None:
    client = site.open_client()
    headers = {"Accept-Encoding": taken}
    response = client.get(f"/static/{name}", headers=headers)
    assert response.headers["Content-Encoding"] == coding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert decompress(response) == read_small(name)
    headers["If-None-Match"] = response.headers["ETag"]
    assert client.get(f"/static/{name}", headers=headers).status_code == 304
    with client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip;q=0"}) as plain:
        assert plain.get_data(as_text=True) == read_small(name)
        assert "Content-Encoding" not in plain.headers


def test_page_is_small(site: Site) -> None:
    client = site.open_browser()
    client.set_cookie("language", "de")  # which needs a catalogue more than English
    page = client.get("/", headers=BY_TLS)
    assert "Accept-Encoding" in page.vary
    names = set(re.findall(r'"(/static/[^"]+)"', decompress(page)))
    assert any(name.endswith("de.json") for name in names)
    parts = [page, *(client.get(name, headers=BY_TLS) for name in names)]
    assert sum(len(part.data) for part in parts) <= MAX_PAGE_BYTES


def decompress(response: TestResponse) -> str:
    """Return the text of an answer in the coding that it names."""
    decode = {"br": brotli.decompress, "gzip": gzip.decompress}
    return str(decode[response.headers["Content-Encoding"]](response.data), "utf-8")


def read_small(name: str) -> str:
    """Return a file as it is sent: without what only its readers need."""
    text = (STATIC / name).read_text("utf-8")
    if name.endswith(".js"):
        return str(rjsmin.jsmin(text, keep_bang_comments=True))
    return str(rcssmin.cssmin(text, keep_bang_comments=True)) if name.endswith(".css") else text


@pytest.mark.process
def test_scripts_that_are_sent_are_the_programs_that_were_written() -> None:
    names = [str(path.relative_to(STATIC)) for path in STATIC.rglob("*.js")]
    pairs = [(name, (STATIC / name).read_text("utf-8"), read_small(name)) for name in names]
    differing = subprocess.run(
        [Path(sys.executable).parent / "node", "-e", COMPARE_PROGRAMS],
        input=json.dumps(pairs),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert differing.stdout == ""


@pytest.mark.browser
def test_styles_that_are_sent_have_the_rules_that_were_written(
    browser: Browser,  # noqa: F811  # the fixture
) -> None:
    names = [str(path.relative_to(STATIC)) for path in STATIC.rglob("*.css")]
    pairs = [(name, (STATIC / name).read_text("utf-8"), read_small(name)) for name in names]
    page = open_context(browser).new_page()
    for name, written, sent in page.evaluate(COMPARE_STYLES, pairs):
        assert len(written) > 0, name
        assert sent == written, name
    page.context.close()


@pytest.mark.parametrize(
    "path",
    [
        *("~x/../app.py", "~x/", "~x", "~x/nothing.js", "~/../../app.py"),
        *(f"{'x' * 300}.js", f"~x/{'x' * 300}.css", "~x/icon.svg/x.js", "~x/%00.js"),
    ],
)
def test_nothing_but_files_of_the_page_is_sent(site: Site, path: str) -> None:
    headers = {"Accept-Encoding": "gzip"}
    assert site.open_client().get(f"/static/{path}", headers=headers).status_code == 404


def test_version_changes_with_names_and_contents(tmp_path: Path) -> None:
    versions = set()
    for name, text in (("a.js", "1"), ("a.js", "2"), ("b.js", "2")):
        folder = tmp_path / name / text
        (folder / "in").mkdir(parents=True)
        (folder / "in" / name).write_text(text)
        versions.add(hash_folder(folder))
    assert len(versions) == 3


def test_imports_are_found_and_those_in_comments_are_not(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "page.js").write_text(
        '// A page.\n\nimport { a } from "./in/a.js";\nimport {\n  b,\n} from "./b.js";\n'
        '\n/** @import { C } from "./c.js" */\n'
    )
    (tmp_path / "in" / "a.js").write_text('import { b } from "../b.js";\nexport const a = b;\n')
    (tmp_path / "b.js").write_text("export const b = 1;\n")
    assert list_modules(tmp_path, "page.js") == ["page.js", "in/a.js", "b.js"]


@pytest.mark.browser
def test_all_scripts_are_asked_for_in_one_round(
    browser: Browser,  # noqa: F811  # the fixture
    live_server: str,
) -> None:
    context = open_context(browser)
    page = context.new_page()
    visit(page, live_server)
    preloaded = page.locator("link[rel=modulepreload]").evaluate_all(
        "links => links.map(({href}) => new URL(href).pathname)"
    )
    assert sorted(set(page.evaluate(LIST_SCRIPTS))) == sorted(preloaded)
    context.close()
