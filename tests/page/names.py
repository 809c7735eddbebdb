"""What a screen reader is told of a state of the page: Chromium's accessibility tree."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from playwright.sync_api import Page

from tests.browsing import rest

# What has to say what it is, also where the focus does not go to it: arrows may lead there.
NAMED = {
    *("button", "link", "checkbox", "radio", "switch", "textbox", "searchbox", "slider"),
    *("spinbutton", "combobox", "listbox", "option", "menuitem", "tab", "DisclosureTriangle"),
    *("ColorWell", "Video", "Audio", "image", "img", "dialog", "progressbar", "meter"),
    *("toolbar", "navigation", "list", "heading"),
}
TOLD_APART = {"button", "link", "DisclosureTriangle"}
Node = dict[str, Any]


def find_unnamed(page: Page) -> list[str]:
    """Return what is wrong with the names, the landmarks and the headings of a page at rest."""
    rest(page)
    nodes = read_tree(page)
    return [*list_nameless(nodes), *list_alike(page, nodes), *list_unordered(nodes)]


def read_tree(page: Page) -> list[Node]:
    """Return what Chromium tells screen readers, in the order of the page."""
    session = page.context.new_cdp_session(page)
    found = {each["nodeId"]: each for each in session.send("Accessibility.getFullAXTree")["nodes"]}
    (root,) = [node for node in found.values() if not node.get("parentId")]
    nodes, waiting = [], [root["nodeId"]]
    while waiting:
        node = found.get(waiting.pop())
        if node is None:
            continue
        if node["ignored"] or get_role(node) != "button":  # which is read as one, by its name
            waiting += reversed(node.get("childIds", []))
        if not node["ignored"]:
            nodes.append(node)
    session.detach()
    return nodes


def list_nameless(nodes: list[Node]) -> list[str]:
    """Return the roles of what has no name, and what comes before it."""
    faults, before = [], ""
    for node in nodes:
        role, name = get_role(node), get_name(node)
        if not name and (role in NAMED or is_stop(node)):
            faults.append(f"a {role} has no name, after {before!r}")
        before = name or before
    return faults


def list_alike(page: Page, nodes: list[Node]) -> list[str]:
    """Return names that several buttons have, or links to several places."""
    ids: dict[tuple[str, str], list[int]] = defaultdict(list)
    for node in nodes:
        if get_role(node) in TOLD_APART:
            ids[get_role(node), get_name(node)].append(node["backendDOMNodeId"])
    session = page.context.new_cdp_session(page)

    def read_goal(place: int) -> str:
        """Return where a link leads; for a button what it is, which no other is."""
        resolved = session.send("DOM.resolveNode", {"backendNodeId": place})["object"]
        call = {
            "objectId": resolved["objectId"],
            "functionDeclaration": "function () { return this.href ?? ''; }",
            "returnByValue": True,
        }
        return session.send("Runtime.callFunctionOn", call)["result"]["value"] or str(place)

    faults = [
        f"{len(places)} of role {role} are named {name!r}"
        for (role, name), places in ids.items()
        if len(places) > 1 and len({read_goal(place) for place in places}) > 1
    ]
    session.detach()
    return faults


def list_unordered(nodes: list[Node]) -> list[str]:
    """Return what is wrong with the landmarks and the levels of the headings."""
    roles = [get_role(node) for node in nodes]
    mains, is_asking = roles.count("main"), "dialog" in roles  # which hides the rest
    faults = [] if mains == (0 if is_asking else 1) else [f"{mains} main landmarks"]
    level = 1 if is_asking else 0
    for node in nodes:
        if get_role(node) != "heading":
            continue
        now = read(node, "level")
        if now > level + 1:
            faults.append(f"heading {get_name(node)!r} of level {now} follows one of level {level}")
        level = now
    return faults


def is_stop(node: Node) -> bool:
    return bool(read(node, "focusable")) and get_role(node) not in ("RootWebArea", "dialog")


def read(node: Node, name: str) -> Any:
    found = [each["value"].get("value") for each in node["properties"] if each["name"] == name]
    return found[0] if found else 0


def get_role(node: Node) -> str:
    return str(node["role"]["value"])


def get_name(node: Node) -> str:
    return str(node.get("name", {}).get("value", "")).strip()
