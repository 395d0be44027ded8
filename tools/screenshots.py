"""Pictures of a local stack's pages for the documents: `make screenshots`.

Made by a headless Chromium that is on PATH, of what `mlops serve` shows: on a screen, on a phone,
and dark.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from training import release
from training.errors import UserError
from training.monitoring import drift_checks
from training.platform import Platform, default_stack, open_platform
from training.serving import address

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOLDER = Path("docs/images")
START_SECONDS = 60.0
BROWSER_SECONDS = 120.0


@dataclass(frozen=True)
class Form:
    """A form of a picture: its name in the file's, the window in points, and whether it is dark."""

    name: str
    width: int
    height: int
    dark: bool = False


SCREEN, PHONE, DARK = (
    Form("1440", 1440, 1500),
    Form("375", 375, 1700),
    Form("dark", 1440, 1500, True),
)


def pages(platform: Platform, model: str) -> dict[str, str]:
    """The paths of the pages to picture, by name; those that the stack has."""
    champion = release.champion(platform.store, model)
    checks = [c for c in drift_checks(platform.store, model).records() if c["version"]]
    drifted = [check for check in checks if check["verdict"] == "drift"]
    paths = {"dashboard": "/"}
    if champion is not None:
        paths["version"] = f"/models/{model}/versions/{champion.version}"
    if checks:
        paths["report"] = f"/models/{model}/drift/{(drifted or checks)[-1]['run']}"
    return paths


def picture(browser: str, url: str, form: Form, path: Path) -> None:
    """Write the picture of a page as PNG; raises UserError if there is none to be made."""
    path.unlink(missing_ok=True)
    try:
        with urlopen(url, timeout=BROWSER_SECONDS):
            pass
    except OSError as error:  # an answer that is no page, too
        raise UserError(f"{url}: {error}; mlops logs") from None
    command = [
        browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
        f"--window-size={form.width},{form.height}", f"--screenshot={path}",
        *(["--force-dark-mode"] if form.dark else []),
        url,
    ]  # fmt: skip
    process = subprocess.run(command, capture_output=True, text=True, timeout=BROWSER_SECONDS)
    if not path.is_file():
        raise UserError(f"{browser} made no picture of {url}: {process.stderr.strip()[-300:]}")


def take(platform: Platform, model: str, folder: Path) -> list[Path]:
    """Write the pictures of a stack's pages into `folder`; returns their paths."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise UserError(f"no browser is on PATH; wanted is one of {', '.join(BROWSERS)}")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with _server_url(platform) as url:
        for name, page in pages(platform, model).items():
            for form in (SCREEN, PHONE, DARK):
                paths.append((folder / f"{name}-{form.name}.png").absolute())
                picture(browser, f"{url}{page}", form, paths[-1])
    return paths


@contextmanager
def _server_url(platform: Platform) -> Iterator[str]:
    """The URL of the stack's server; one is started for as long as it takes if there is none."""
    running = address.find(platform)
    if running is not None:
        yield running.url
        return
    command = [sys.executable, "-m", "training.cli", "--stack", platform.stack, "serve"]
    server = subprocess.Popen(
        [*command, "--no-schedules", "--port", "0", "--until-eof"],
        cwd=platform.root,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + START_SECONDS
        while (running := address.find(platform)) is None:
            if server.poll() is not None or time.monotonic() > end:
                raise UserError(
                    f"the server of stack {platform.stack!r} does not start: mlops logs"
                )
            time.sleep(0.1)
        time.sleep(2)  # the champion is loaded, and the first look at the alarms is over
        yield running.url
    finally:
        server.communicate()  # closes its standard input, at which it stops


def main() -> int:
    """Make the pictures of a stack."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--stack", default=default_stack())
    parser.add_argument("--model")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    try:
        platform = open_platform(args.stack)
        if platform.target != "local":
            raise UserError(
                f"stack {args.stack!r} is on {platform.target}; its pages are a console's"
            )
        for path in take(platform, platform.model(args.model), args.out):
            print(path)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
