"""The gap map of a large audit (200 agencies, 5,000 programmes) in Chromium: when it is usable, how fast it filters.

    python benchmarks/map_speed.py

Prints the size of the file, the time until the map can be used, and the time from each choice until it is drawn.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from workbook_size import synthetic

from reports.gap_map import write_gap_map

CHOICES = [
    ("country", "IE"), ("country", ""), ("level", "4"), ("level", ""), ("q", "grant buyers"), ("q", ""),
    ("rows", "countries"), ("cols", "barriers"), ("rows", "agencies"), ("cols", "measures"), ("sort", "name"),
]  # fmt: skip
_CHOOSE = """async ([name, value]) => {
  const control = document.querySelector(`[name=${name}]`), began = performance.now();
  control.value = value;
  control.dispatchEvent(new Event(control.tagName === 'INPUT' ? 'input' : 'change', { bubbles: true }));
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 0)));
  return performance.now() - began;
}"""


def main() -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        path = Path(name) / "gap_map.html"
        write_gap_map(synthetic(), path)
        print(f"file: {path.stat().st_size / 1e6:.1f} MB")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        began = time.monotonic()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        print(f"usable after {time.monotonic() - began:.2f} s")
        for name_, value in CHOICES:
            print(f"{name_} = {value or '(all)'}: {page.evaluate(_CHOOSE, [name_, value]):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
