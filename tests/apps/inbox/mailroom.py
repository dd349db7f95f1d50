"""A small mail server that speaks real SMTP, and people with confirmed addresses."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.inbox.actions import tell
from shuzhuan.apps.inbox.models import MailAddress


def mail_to(host: str = "127.0.0.1", port: int = 25, **more: Any) -> dict[str, Any]:
    """Settings that lead to a server without encryption on this machine."""
    return {
        "scheme": "smtp", "host": host, "port": port, "user": "", "password": "", "starttls": False,
        "folder": "", "from": "szdt@example.gov.cn",
    } | more  # fmt: skip


def files(folder: object) -> dict[str, Any]:
    """Settings that write files."""
    return mail_to(scheme="file", folder=str(folder), host="")


def with_address(member: Membership, address: str = "zhang@example.cn", wish: str = "all") -> None:
    """Give a person a confirmed address."""
    MailAddress.objects.create(
        user=member.user, address=address, confirmed_at=timezone.now(), wish=wish
    )


def told(member: Membership, key: str = "m:1", **more: Any) -> None:
    """Tell one person something, committed."""
    values = {"title": "请补正材料", "body": "缺少合同", "url": "/my/", "level": "todo"} | more
    with transaction.atomic():
        tell(key=key, users=[member.user_id], **values)


@dataclass
class Server:
    """What the server was told, and what it answers."""

    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)  # recipient, source
    refuse_recipient: str = ""  # a reply line in place of 250
    logins: list[str] = field(default_factory=list)


@contextmanager
def smtp_server() -> Iterator[Server]:
    """Serve SMTP on a free port of this machine."""
    state = Server()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 ready")
            recipient = ""
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "EHLO":
                    self.say("250-here\r\n250 AUTH PLAIN")
                elif verb == "AUTH":
                    state.logins.append(line)
                    self.say("235 welcome")
                elif verb == "RCPT":
                    recipient = line.partition("<")[2].rstrip(">")
                    self.say(state.refuse_recipient or "250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    state.mails.append((recipient, text))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Threaded(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Threaded(("127.0.0.1", 0), Talk) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
