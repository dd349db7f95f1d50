"""A fresh data directory is set up, checked and served for real."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

# What a start may take while everything else on the machine runs as well.
WAIT_SECONDS = 300


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("SHUZHUAN_")
    }
    environment |= {"SHUZHUAN_DATA": str(data), "DJANGO_SETTINGS_MODULE": "shuzhuan.site.settings"}
    command = [sys.executable, "-m", "shuzhuan.site.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_control_serving_without_set_up_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--port", str(free_port()))
    assert done.returncode == 1
    assert "shuzhuan setup" in done.stderr
    assert "Traceback" not in done.stderr


def test_control_a_broken_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "shuzhuan.sqlite3").write_bytes(b"not a database, but long enough to look at" * 9)
    done = run(tmp_path, "setup")
    assert done.returncode == 1
    assert "数据库不能使用" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_set_up_twice_then_serve(tmp_path: Path) -> None:
    assert run(tmp_path, "setup").returncode == 0
    again = run(tmp_path, "setup")
    assert again.returncode == 0
    assert "静态文件已更新" not in again.stdout
    port = free_port()
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("SHUZHUAN_")
    }
    environment |= {
        "SHUZHUAN_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "shuzhuan.site.settings",
    }
    command = [sys.executable, "-m", "shuzhuan.site.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as response:
                    text = response.read().decode()
                break
            except OSError:
                assert server.poll() is None, "server gave up"
                assert time.monotonic() < deadline, "server did not start"
                time.sleep(0.2)
        assert "数转灯塔" in text
        style = text.split('rel="stylesheet" href="')[1].split('"')[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{style}", timeout=60) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
        taken = run(tmp_path, "serve", "--port", str(port))
        assert taken.returncode == 1
        assert "--port" in taken.stderr
    finally:
        server.terminate()
        server.wait(timeout=WAIT_SECONDS)


_FOLLOWING = """
import threading, time
from shuzhuan.site.worker import _end_with_parent
threading.Thread(target=_end_with_parent, daemon=True).start()
time.sleep(float("{seconds}"))
"""


@pytest.mark.parametrize(("seconds", "closed", "code"), [(2, False, 0), (300, True, -15)])
def test_background_work_ends_quietly_by_itself_and_with_its_parent(
    seconds: int, closed: bool, code: int
) -> None:
    command = [sys.executable, "-c", _FOLLOWING.format(seconds=seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stderr is not None
        if closed:
            process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=WAIT_SECONDS) == code
