"""What is asked of every page: nothing for axe, nothing squeezed, nothing too wide, nothing too small to touch."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.person import DESK, PHONE

AXE = Path(__file__).resolve().parents[1] / "data" / "axe.min.js"

AXE_RUN = """async (rules) => {
  const found = await axe.run(document, rules ? {runOnly: {type: 'rule', values: rules}} : {});
  return found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 4).join(' | '));
}"""

# A text box under 3 em wide with more than 3 lines: Chinese breaks anywhere, so a squeezed cell
# becomes one character a line, and no other check sees it.
SQUEEZED = """() => {
  const bad = [], range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.textContent.trim().length < 4) continue;
    if (node.parentElement.closest('.visually-hidden, .skip, svg, option')) continue;
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(r => r.width && r.height);
    const lines = new Set(boxes.map(r => Math.round(r.top))).size;
    const width = Math.max(...boxes.map(r => r.right)) - Math.min(...boxes.map(r => r.left));
    const em = parseFloat(getComputedStyle(node.parentElement).fontSize);
    if (lines > 3 && width < 3 * em) bad.push(node.textContent.trim().slice(0, 20));
  }
  return bad;
}"""

# What is tapped; links inside a sentence are not meant. A pseudo-element may widen the area.
SMALL = """() => {
  const bad = [];
  const what = 'button, .btn, summary, select, input:not([type=hidden]), textarea, nav a, .tap, .rows a, a.sla, .brand, table a';
  for (const each of document.querySelectorAll(what)) {
    const target = each.closest('label') || each;
    const box = target.getBoundingClientRect();
    if (!box.width || !box.height || each.closest('.visually-hidden') || each.matches('.skip')) continue;
    const after = getComputedStyle(target, '::after');
    const more = after.position === 'absolute' ? parseFloat(after.height) || 0 : 0;
    if (Math.max(box.height, more) < 43.5) bad.push(target.outerHTML.slice(0, 90) + ' ' + Math.round(box.height));
  }
  return bad;
}"""

WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds, all rules or the named ones."""
    page.evaluate("typeof axe === 'undefined'") and page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(AXE_RUN, rules)
    return found


def faults(page: Page, *, touch: bool) -> list[Any]:
    """What is squeezed, too wide, or (where fingers are) too small."""
    found: list[Any] = [f"squeezed: {text}" for text in page.evaluate(SQUEEZED)]
    over = page.evaluate(WIDE)
    if over > 0:
        found.append(f"{over} px too wide")
    if touch:
        found += [f"small: {what}" for what in page.evaluate(SMALL)]
    return found


def look_at(page: Page) -> list[str]:
    """The faults of the open page on a phone and on a desk, in light and in dark colours."""
    found = []
    for width, size, colours in (("phone", PHONE, "light"), ("desk", DESK, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=colours)
        seen = axe(page) + faults(page, touch=width == "phone")
        page.emulate_media(color_scheme="dark" if colours == "light" else "light")
        seen += axe(page, ["color-contrast"])
        found += [f"{width}: {each}" for each in seen]
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    return found
