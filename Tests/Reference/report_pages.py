"""Opens pages of `moonlight report` in a real browser, Debian's Chromium without a screen: at 400, 1000 and 1600 pixels,
light and dark. By hand:

    moonlight report pretrain.yaml run/ -o page.html
    python3 Tests/Reference/report_pages.py page.html [FOLDER]

Writes a picture of each into FOLDER (the page's own if not given), to be looked at, and ends with status 1 where the page is
wider than its window, loads anything, or where a text of a picture is smaller than 8 pixels.
"""

import html
import json
import os
import re
import subprocess
import sys
import tempfile

WIDTHS = [400, 1000, 1600]
BROWSER = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files"]

# Measured inside a frame of the width, since the window of a headless browser has a least width.
PROBE = """<!DOCTYPE html><body><iframe id="f" src="PAGE" style="width:WIDTHpx;height:2000px;border:0"></iframe><script>
const frame = document.getElementById("f");
frame.onload = () => {
  const inside = frame.contentDocument, root = inside.documentElement;
  const sizes = [...inside.querySelectorAll("svg text")].map(text => {
    const svg = text.ownerSVGElement, scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return parseFloat(text.getAttribute("font-size")) * scale;
  });
  const loads = frame.contentWindow.performance.getEntriesByType("resource").length;
  document.title = JSON.stringify({scroll: root.scrollWidth, smallest: sizes.length ? Math.min(...sizes) : null, loads});
};
</script></body>"""


def measure(page, width):
    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False) as file:
        file.write(PROBE.replace("PAGE", "file://" + page).replace("WIDTH", str(width)))
    try:
        command = BROWSER + ["--virtual-time-budget=5000", "--dump-dom", "file://" + file.name]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        os.unlink(file.name)
    title = re.search(r"<title>(\{.*?\})</title>", shown)
    if title is None:
        sys.exit(f"{page} was not measured: {shown[:300]}")
    return json.loads(html.unescape(title.group(1)))


def main():
    page = os.path.abspath(sys.argv[1])
    folder = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(page)
    name = os.path.splitext(os.path.basename(page))[0]
    failed = False
    for width in WIDTHS:
        found = measure(page, width)
        faults = []
        if found["scroll"] > width:
            faults.append(f"is {found['scroll']} pixels wide")
        if found["loads"]:
            faults.append(f"loads {found['loads']} files")
        if found["smallest"] is not None and found["smallest"] < 8:
            faults.append(f"has text of {found['smallest']:.1f} pixels")
        failed = failed or bool(faults)
        print(f"{width}: {'; '.join(faults) or 'fits'}, smallest text {found['smallest']}")
        for scheme, number in [("light", 1), ("dark", 0)]:
            picture = f"{folder}/{name}-{width}-{scheme}.png"
            subprocess.run(
                BROWSER
                + [f"--window-size={width},4000", f"--blink-settings=preferredColorScheme={number}",
                   f"--screenshot={picture}", "file://" + page],
                capture_output=True, check=True)
            print("  " + picture)
    sys.exit(1 if failed else 0)


main()
