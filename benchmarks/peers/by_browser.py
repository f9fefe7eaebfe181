"""A page as a browser shows it: what is wrong with it at each width and on paper, and pictures of it, page by page.

python -m benchmarks.peers.by_browser PAGE FOLDER CHROMIUM WIDTH...

Prints, as JSON, for each width what `looked.js` found with all folds closed and open, the console's complaints, every
address that was asked for (all are refused but the page's own file) and the charts whose marks show no tooltip; for
paper the same at A4's width. Into FOLDER go pictures `<width>-01.png` ... and `print.pdf`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TALL = {True: 844, False: 900}
"""Height of the window in pixels: of a phone, of a desk's screen."""
PHONE = 600
"""Pixels of width below which it is a phone: it has no mouse, and two dots a pixel."""
PAPER = 718
"""Pixels of width on A4 between margins of 1 cm."""
LOOK = Path(__file__).with_name("looked.js").read_text(encoding="utf-8")


def main() -> None:
    """Look, and print what was seen."""
    page, folder, chromium, *widths = sys.argv[1:]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        found: dict[str, Any] = {"version": browser.version}
        for width in map(int, widths):
            found[str(width)] = screen(browser, Path(page).resolve().as_uri(), width, target)
        found["print"] = paper(browser, Path(page).resolve().as_uri(), target)
        browser.close()
    print(json.dumps(found))


def screen(browser: Browser, address: str, width: int, folder: Path) -> dict[str, Any]:
    """The page in a window of `width` pixels."""
    with opened(browser, address, width) as (page, heard):
        found = page.evaluate(LOOK, width)
        pictures = pictured(page, width, folder)
        mute = [] if width < PHONE else without_tooltip(page)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        unfolded = page.evaluate(LOOK, width)
    for name in ("outside", "hidden", "spilt"):
        found[name] += [what for what in unfolded[name] if what not in found[name]]
    found["scroll"] = max(found["scroll"], unfolded["scroll"])
    return {**found, **heard, "pictures": pictures, "without_tooltip": mute}


def paper(browser: Browser, address: str, folder: Path) -> dict[str, Any]:
    """The page on A4. What was drawn for the screen is not drawn again for the printer: it has to fit as it is."""
    with opened(browser, address, 1280) as (page, heard):
        margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
        page.pdf(path=folder / "print.pdf", format="A4", margin=margin, print_background=True)
        page.emulate_media(media="print")
        page.add_style_tag(content=f"body{{width:{PAPER}px}}")
        found = page.evaluate(LOOK, PAPER)
    return {**found, **heard}


@contextmanager
def opened(browser: Browser, address: str, width: int) -> Iterator[tuple[Page, dict[str, list[str]]]]:
    """The page with its charts drawn, and what was heard of it on the way and after."""
    heard: dict[str, list[str]] = {"console": [], "asked": []}
    phone = width < PHONE
    context = browser.new_context(
        viewport={"width": width, "height": TALL[phone]}, device_scale_factor=2 if phone else 1, has_touch=phone
    )

    def let(route: Route) -> None:
        if route.request.url.partition("#")[0] == address:
            route.continue_()
        else:
            heard["asked"].append(route.request.url[:200])
            route.abort()

    context.route("**/*", let)
    page = context.new_page()
    page.on("console", lambda said: heard["console"].append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard["console"].append(str(error)))
    page.goto(address)
    try:
        page.wait_for_selector("body[data-drawn]", timeout=60_000)
    except Exception as error:
        heard["console"].append(f"the charts were not drawn: {str(error).splitlines()[0]}")
    page.wait_for_timeout(300)
    try:
        yield page, heard
    finally:
        context.close()


def pictured(page: Page, width: int, folder: Path) -> int:
    """Pictures of the whole page, one below the other; how many."""
    whole = page.evaluate("document.documentElement.scrollHeight")
    tall = 1_200 if width >= PHONE else 1_400
    for stale in folder.glob(f"{width}-*.png"):
        stale.unlink()
    tops = range(0, whole, tall)
    for place, top in enumerate(tops, start=1):
        clip = {"x": 0, "y": top, "width": width, "height": min(tall, whole - top)}
        page.screenshot(path=folder / f"{width}-{place:02d}.png", full_page=True, clip=clip)
    return len(tops)


def without_tooltip(page: Page) -> list[str]:
    """The charts of which no mark shows a tooltip where the mouse stands on it."""
    mute = []
    for plot in page.query_selector_all(".plot"):
        plot.scroll_into_view_if_needed()
        marks = plot.query_selector_all(".role-mark path")
        if not any(tells(page, mark.bounding_box()) for mark in marks):
            mute.append(str(plot.get_attribute("id")))
    return mute


def tells(page: Page, place: Any) -> bool:
    """Whether a tooltip with words shows while the mouse stands in the middle of a mark."""
    if place is None:
        return False
    page.mouse.move(0, 0)
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    shown = page.query_selector("#vg-tooltip-element.visible")
    return shown is not None and bool(shown.inner_text().strip())


if __name__ == "__main__":
    main()
