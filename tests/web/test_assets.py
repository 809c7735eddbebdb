"""The page's own files: kept by browsers, compressed, and loaded in one round."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reelqueue.config import find_assets
from reelqueue.web.assets import hash_folder, list_modules
from tests.browsing import open_context, visit
from tests.test_page import browser  # noqa: F401  # a fixture
from tests.web.conftest import Site

STATIC = Path(find_assets("static"))
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
            assert response.data == (STATIC / "page.js").read_bytes()
            assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["page.js", "style.css", "icon.svg"])
def test_files_are_compressed_for_those_who_take_it(site: Site, name: str) -> None:
    client = site.open_client()
    headers = {"Accept-Encoding": "gzip, br"}
    response = client.get(f"/static/{name}", headers=headers)
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(response.data) == (STATIC / name).read_bytes()
    headers["If-None-Match"] = response.headers["ETag"]
    assert client.get(f"/static/{name}", headers=headers).status_code == 304
    with client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip;q=0"}) as plain:
        assert plain.data == (STATIC / name).read_bytes()
        assert "Content-Encoding" not in plain.headers


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
