"""What the commands of the site do: setup, migrate, check, serve, worker."""

import argparse
import hashlib
import socket
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.migrations.exceptions import InconsistentMigrationHistory

import shuzhuan

THREADS_PER_WORKER = 4


def run(options: argparse.Namespace) -> int:
    """Run one command; a wrong set-up ends in a sentence, not in a traceback."""
    try:
        django.setup()
        commands = {"setup": set_up, "migrate": migrate, "check": check}
        commands |= {
            "serve": serve,
            "worker": work,
            "rotate-keys": rotate_keys,
            "sweep": sweep,
            "renew-link": renew_link,
            "verify-ledger": verify_ledger,
            "send-mail": send_mail,
            "remind": remind,
            "recount-due-days": recount_due_days,
            "verify-publicity": verify_publicity,
            "rehearse": rehearse_place,
        }
        commands[options.command](options)
    except ImproperlyConfigured as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except InconsistentMigrationHistory as error:
        print(
            "✗ 这个数据库是另一个版本的程序建立的，不能直接升级。请换一个数据目录（SHUZHUAN_DATA），"
            f"或从备份恢复后用对应的版本升级。（{error}）",
            file=sys.stderr,
        )
        return 1
    except DatabaseError as error:
        print(f"✗ 数据库不能使用：{str(error).strip()}", file=sys.stderr)
        return 1
    return 0


def migrate(_options: argparse.Namespace) -> None:
    """Bring the database to the current version."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from shuzhuan.apps.assessments.actions.sets import ensure_shipped

    ensure_shipped()
    print("数据库已是当前版本。")


def set_up(options: argparse.Namespace) -> None:
    """Prepare everything that serving needs; doing it twice changes nothing."""
    from shuzhuan.site import founding

    migrate(options)
    collect_static()
    if getattr(options, "demo", False):
        prepare_demo()
        return
    founding.run(getattr(options, "plan", None), getattr(options, "address", ""))


def prepare_demo() -> None:
    """Fill an empty platform with the demonstration; one that is in use is left alone."""
    from django.conf import settings
    from django.db import transaction

    from shuzhuan.apps.administration.actions.found import is_founded

    if is_founded():
        if not settings.DEMO:
            print("这个数据目录已经正式使用，没有放入演示数据。")
        return
    from shuzhuan.site.rehearsal.half import build_demo

    print("第一次启动：正在准备走到一半的演示试点（虚构数据），约需一分钟。", flush=True)
    with transaction.atomic():
        build_demo(lambda text: print(text, flush=True))
        (Path(settings.DATA_DIR) / "demo").write_text("演示数据\n", encoding="utf-8")
    print("演示数据已经准备好。正式使用请换一个数据目录，见 docs/operations.md。")


def collect_static() -> None:
    """Collect and compress the static files when one of them has changed."""
    from django.conf import settings
    from django.core.management import call_command

    source = Path(settings.SITE_DIR) / "static"
    if not (source / "vendor").is_dir():
        raise ImproperlyConfigured("缺少前端文件，请先运行：python3 dev.py setup")
    total = hashlib.sha256()
    folders = [source, *sorted(Path(shuzhuan.__file__).parent.glob("apps/*/static"))]
    for path in (file for folder in folders for file in sorted(folder.rglob("*"))):
        if path.is_file():
            status = path.stat()
            total.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == total.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(total.hexdigest(), encoding="ascii")
    print("静态文件已更新。")


def pending_migrations() -> list[str]:
    """Name the migrations that the database has not seen."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def check(_options: argparse.Namespace) -> None:
    """Refuse a set-up that must not serve: weak database, old tables, missing files."""
    from django.conf import settings
    from django.db import connection

    from shuzhuan.apps.access import stays, wall
    from shuzhuan.apps.accounts import triggers
    from shuzhuan.site import demo, durability

    durability.require()
    wall.require(connection)
    demo.require_invented()
    if pending := pending_migrations():
        raise ImproperlyConfigured(
            f"数据库还有 {len(pending)} 项升级没有做，请先运行：shuzhuan setup"
        )
    if missing := [*triggers.missing(connection), *stays.missing(connection)]:
        raise ImproperlyConfigured(
            f"数据库缺少触发器 {'、'.join(missing)}，请先运行：shuzhuan migrate"
        )
    if not (Path(settings.STATIC_ROOT) / ".stamp").is_file():
        raise ImproperlyConfigured("静态文件还没有准备，请先运行：shuzhuan setup")
    print("检查通过：数据库不会丢失已确认的数据，表结构是当前版本。")


def require_free_port(host: str, port: int) -> None:
    """Say which port is taken before the address is announced."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ImproperlyConfigured(
                f"{host}:{port} 不能使用（{error.strerror}）。请换一个端口，例如：--port {port + 1}"
            ) from error


def serve(options: argparse.Namespace) -> None:
    """Serve the site until it is stopped."""
    check(options)
    require_free_port(options.host, options.port)
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from shuzhuan.site import worker

    print(f"数转灯塔已启动，请用浏览器打开：http://{options.host}:{options.port}", flush=True)
    print("按 Ctrl+C 停止。", flush=True)
    server = Server(
        "shuzhuan.site.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=THREADS_PER_WORKER,
        log_level=LogLevels.warning,
        websockets=False,
    )
    if options.no_worker:
        server.serve()
        return
    with worker.Beside():
        server.serve()


def work(options: argparse.Namespace) -> None:
    """Do the background work until stopped."""
    from shuzhuan.site import worker

    worker.run(follow_parent=options.follow_parent)


def renew_link(options: argparse.Namespace) -> None:
    """Print a new one-time link for an administrator whose first one was lost."""
    from shuzhuan.site import founding

    founding.renew_link(options.login_name, options.address)


def send_mail(_options: argparse.Namespace) -> None:
    """Send what waits in the outbox; fails when something was given up."""
    from django.conf import settings

    from shuzhuan.apps.inbox.actions.send import send_due

    if settings.MAIL is None:
        print("邮件没有开通（没有设置 SHUZHUAN_MAIL_URL），消息只在站内显示。")
        return
    done = send_due()
    print(
        f"发出 {done.sent} 封，失败将重试 {done.failed} 封，"
        f"放弃 {done.given_up} 封，不再需要 {done.dropped} 封。"
    )
    if done.given_up:
        raise ImproperlyConfigured("有邮件已放弃，原因见系统管理员的“邮件”页。")


def remind(_options: argparse.Namespace) -> None:
    """Write the reminders of the day; doing it twice tells nobody twice."""
    from shuzhuan.apps.inbox import reminders

    done = reminders.remind()
    print(f"提醒了 {done.told} 人次。")
    if done.failed:
        raise ImproperlyConfigured(f"有提醒规则出错，其余的已执行：{'、'.join(done.failed)}")


def recount_due_days(_options: argparse.Namespace) -> None:
    """Count provisional days by the calendar of now; doing it twice changes nothing more."""
    from shuzhuan.apps.projects.actions.recount import recount_all

    done = recount_all()
    print(
        f"重算了 {done.publicities} 个公示的截止日期、{done.objections} 件异议的核查期限、"
        f"{done.projects} 个项目的办理期限。"
    )


def verify_publicity(_options: argparse.Namespace) -> None:
    """Stored ends and counts of publicities against what they should be."""
    from shuzhuan.apps.publicity import checks

    found = [str(each) for each in checks.differences()]
    found += [f"{row.number}：核查中的异议件数不对" for row in checks.miscounted()]
    for finding in found:
        print(finding)
    if found:
        raise ImproperlyConfigured(
            f"公示有 {len(found)} 处不对。日期请运行：shuzhuan recount-due-days"
        )
    print("公示的截止日期和异议件数都对。")


def rotate_keys(options: argparse.Namespace) -> None:
    """Bring every sealed value to a new key while the site goes on; forget unused keys on wish."""
    from shuzhuan.apps.access import keyring, rotation

    if options.forget:
        unused = rotation.forgettable()
        keyring.forget(unused)
        print(f"删除了 {len(unused)} 把旧密钥。更早的备份要用当时的密钥环才能读。")
        return
    now = keyring.ring() if options.resume else keyring.add_key()
    done = rotation.finish(now.current_id, report=print)
    if done.left:
        raise ImproperlyConfigured(
            f"还有 {done.left} 项数据没有改用新密钥，请再运行：shuzhuan rotate-keys --resume"
        )
    print(f"已改用密钥 {done.key_id}，共 {done.rows} 项。旧密钥保留一天后可用 --forget 删除。")


def sweep(_options: argparse.Namespace) -> None:
    """Remove files of uploads that never finished; say so when a referenced one is missing."""
    from shuzhuan.apps.evidence.actions import sweep as evidence

    removed = evidence.sweep()
    if lost := evidence.missing():
        raise ImproperlyConfigured(
            f"资料库缺少 {len(lost)} 个文件，请从备份恢复，第一个是 {lost[0]}"
        )
    print(f"清理了 {len(removed)} 个没有传完的文件；数据库引用的文件都在。")


def verify_ledger(options: argparse.Namespace) -> None:
    """Recompute the funds' ledgers; anything wrong is told and makes the command fail."""
    from shuzhuan.apps.funds.models import Fund, Transfer
    from shuzhuan.apps.funds.queries.verify import verify
    from shuzhuan.apps.regions.models import Region

    place = None
    if options.place:
        place = Region.objects.filter(code=options.place).first()
        if place is None:
            raise ImproperlyConfigured(f"没有区划代码 {options.place} 的地方。")
    found = verify(place)
    for finding in found:
        print(finding)
    if found:
        raise ImproperlyConfigured(f"资金台账有 {len(found)} 处不对。")
    inside = "" if place is None else place.path
    funds = Fund.objects.filter(place__path__startswith=inside)
    count = Transfer.objects.filter(fund__in=funds).count()
    print(f"核对了 {funds.count()} 笔专项资金、{count} 笔记账，没有发现不对。")


def rehearse_place(options: argparse.Namespace) -> None:
    """Play a year of a place; the last line holds the figures. Fails when the books do not balance."""
    from shuzhuan.site.rehearsal import rehearse

    folder = Path(options.export) if options.export else None
    outcome = rehearse.rehearse(folder, quiet=options.quiet)
    for finding in outcome.findings:
        print(f"✗ {finding}", file=sys.stderr)
    figures = " ".join(f"{name}={value}" for name, value in outcome.figures.items())
    print(
        f"REHEARSAL place={options.place} database={rehearse.engine_name()} {figures} "
        f"findings={len(outcome.findings)} seconds={outcome.seconds:.1f}"
    )
    if outcome.findings:
        raise ImproperlyConfigured("账对不上，见上面的说明。")
