"""The command `shuzhuan`: 命令行入口.

Each command imports what it needs when it is called: `shuzhuan policy list` must not wait for
the web framework, nor `shuzhuan serve` for the columnar engine.

Exit codes: 0 done, 1 failed with a message, 2 the command line is wrong; the `policy` group
documents its own in docs/policy-language.md.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
PORT_MAX = 65_535
WORKERS_MAX = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["policy"]:
        # The group parses its own words, so that nothing else is loaded before it runs.
        from shuzhuan.site import policy_cli

        return int(policy_cli.main(words[1:]) or 0)
    options = parser().parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    if options.command == "rehearse" and not options.here:
        # The settings read these when they are imported: a play never touches what is in use.
        os.environ["SHUZHUAN_DATA"] = tempfile.mkdtemp(prefix="shuzhuan-rehearsal-")
        os.environ.pop("SHUZHUAN_DATABASE_URL", None)
    from shuzhuan.site import operations

    return operations.run(options)


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    root = argparse.ArgumentParser(
        prog="shuzhuan",
        description="数转灯塔：政策即代码，全链闭环，每一分钱可追溯。",
        epilog="各命令的用法：shuzhuan 命令 --help",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="命令")
    preparing = commands.add_parser(
        "setup", help="准备数据库和静态文件（可重复运行），第一次还设立区域和三位管理员"
    )
    preparing.add_argument(
        "--from", dest="plan", metavar="文件.yaml", help="从文件读取区域和管理员，不在终端提问"
    )
    preparing.add_argument(
        "--demo",
        action="store_true",
        help="空的数据目录里放一个走到一半的演示试点（虚构数据，谁都能进，不能正式使用）",
    )
    preparing.add_argument(
        "--address",
        default="",
        help="网站的地址，用来打印完整的启用链接，如 https://sz.example.gov.cn",
    )
    renewing = commands.add_parser("renew-link", help="给丢失启用链接的管理员重发一个")
    renewing.add_argument("login_name", metavar="登录名")
    renewing.add_argument("--address", default="", help="网站的地址")
    commands.add_parser("migrate", help="把数据库升级到当前版本")
    commands.add_parser("check", help="检查设置和数据库是否可以对外服务")
    serving = commands.add_parser("serve", help="启动网站")
    serving.add_argument("--host", default=DEFAULT_HOST, help=f"监听地址（默认 {DEFAULT_HOST}）")
    serving.add_argument(
        "--port", type=_bounded(PORT_MAX), default=DEFAULT_PORT, help=f"端口（默认 {DEFAULT_PORT}）"
    )
    serving.add_argument(
        "--workers", type=_bounded(WORKERS_MAX), default=1, help="进程数（默认 1）"
    )
    serving.add_argument(
        "--no-worker",
        action="store_true",
        help="不同时启动后台程序（另有机器运行 shuzhuan worker 时）",
    )
    working = commands.add_parser("worker", help="运行后台程序（serve 会自动启动）")
    working.add_argument("--follow-parent", action="store_true", help=argparse.SUPPRESS)
    _maintenance(commands)
    rehearsing = commands.add_parser(
        "rehearse", help="在单独的数据库里把一个县的试点从头演练到尾（虚拟时钟，演示数据）"
    )
    rehearsing.add_argument("place", choices=("pengyang",), help="演练哪一个地方")
    rehearsing.add_argument(
        "--export", metavar="目录", help="把项目、投入、步骤、记账写成 CSV，并写出演练报告"
    )
    rehearsing.add_argument(
        "--here", action="store_true", help="用当前设置的数据库（必须是空的），不另建临时数据库"
    )
    rehearsing.add_argument("--quiet", action="store_true", help="只打印最后的结果")
    # Listed for --help only; main() hands the group over before parsing.
    commands.add_parser("policy", help="政策包：列出、查看、检查、测算、批量、重放")
    return root


def _maintenance(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe what is run by hand or by a timer while the site goes on."""
    rotating = commands.add_parser(
        "rotate-keys", help="换一把新密钥，把加密的数据逐批改用新密钥（网站可以照常运行）"
    )
    rotating.add_argument(
        "--resume", action="store_true", help="接着做上次没有做完的，不再换新密钥"
    )
    rotating.add_argument("--forget", action="store_true", help="删除已经没有数据使用的旧密钥")
    commands.add_parser("send-mail", help="立即发送等待的邮件（后台程序平时自动发送）")
    commands.add_parser("remind", help="写出当天的期限提醒（后台程序每天自动运行，可重复运行）")
    commands.add_parser(
        "recount-due-days",
        help="放假安排公布以后，重算暂定的期限（后台程序每天自动运行，可重复运行）",
    )
    commands.add_parser("verify-publicity", help="核对公示的截止日期和异议件数；有一处不对就失败")
    commands.add_parser("sweep", help="清理没有传完的资料文件，并核对数据库引用的文件都在")
    verifying = commands.add_parser(
        "verify-ledger", help="从每一笔记账重算资金台账，与存的余额逐项核对；有一处不对就失败"
    )
    verifying.add_argument("--place", default="", metavar="区划代码", help="只核对这个地方和下级")


def _bounded(limit: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from 1 to a limit."""

    def whole_number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= limit:
            raise argparse.ArgumentTypeError(f"应在 1 到 {limit} 之间")
        return value

    return whole_number


if __name__ == "__main__":
    raise SystemExit(main())
