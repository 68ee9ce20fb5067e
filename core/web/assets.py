"""Put the front-end files that pages use beside them: from npm's folder into `static/vendor/`.

Run as ``python -m core.web.assets`` (`make setup` does). Pages use nothing of npm's but what is listed here.
"""

import shutil
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
VENDOR = HERE / "static" / "vendor"

# file in its npm package -> name under static/vendor/
FILES = {
    "weui/dist/style/weui.min.css": "weui.min.css",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/icons/tabler-nodes-outline.json": "tabler-icons.json",  # read by core.web.static_files.icon, never sent
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.common.min.js": "echarts.min.js",  # lines, bars, pies, hints, legends; a funnel is bars
}


def copy_assets(packages: Path = PACKAGES, vendor: Path = VENDOR) -> list[Path]:
    """Fill `vendor` with exactly the listed files and return them; a file npm did not bring stops the work by name."""
    missing = [name for name in FILES if not (packages / name).is_file()]
    if missing:
        raise FileNotFoundError(f"npm did not bring {', '.join(missing)}; run `make setup`")
    shutil.rmtree(vendor, ignore_errors=True)
    copied = []
    for source, name in FILES.items():
        target = vendor / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copied.append(Path(shutil.copyfile(packages / source, target)))
    return copied


if __name__ == "__main__":
    print(f"· {len(copy_assets())} front-end files for static/vendor")
