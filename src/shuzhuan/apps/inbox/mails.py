"""A mail from a row of the outbox, and the way out of the house."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.crypto import opened
from shuzhuan.apps.inbox.links import token_of
from shuzhuan.apps.inbox.models import (
    MailAddress,
    MailWish,
    Message,
    MessageLevel,
    Outgoing,
    OutgoingKind,
)

TIMEOUT_SECONDS = 20
PERMANENT = 500  # SMTP replies from here on will be the same tomorrow
SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "shuzhuan.apps.inbox.mails.FileBackend"


class FileBackend(BaseEmailBackend):
    """Writes each mail into a file of its own: for a trial without a server."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the files, named by Message-ID, so that a repeated mail is the same file."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mail in email_messages:
            message = mail.message()
            name = str(message["Message-ID"]).strip("<>").partition("@")[0]
            (self.folder / f"{name}.eml").write_bytes(message.as_bytes())
        return len(email_messages)


def way_out() -> BaseEmailBackend:
    """A connection as the settings say, not yet opened."""
    mail = settings.MAIL
    assert mail is not None
    backend: BaseEmailBackend
    if mail["scheme"] == "file":
        backend = get_connection(FILES, folder=mail["folder"])
    else:
        backend = get_connection(
            SMTP,
            host=mail["host"],
            port=mail["port"],
            username=mail["user"],
            password=mail["password"],
            use_tls=mail["starttls"],
            use_ssl=mail["scheme"] == "smtps",
            timeout=TIMEOUT_SECONDS,
        )
    return backend


def letter(row: Outgoing, message: Message | None) -> EmailMessage | None:
    """The mail of a row as things are now; None when it is not needed any more."""
    assert settings.MAIL is not None
    address = MailAddress.objects.filter(user_id=row.user_id).first()
    if address is None or not row.user.is_active:
        return None
    if row.kind == OutgoingKind.CONFIRM:
        text = _confirming(row, address)
        subject, to = "请确认您的邮件地址", opened(address, "pending")
    else:
        text = _telling(row, address, message)
        subject, to = message.title if message else "", opened(address, "address")
    if not text or not to:
        return None
    domain = settings.MAIL["from"].rpartition("@")[2]
    return EmailMessage(
        subject=f"【数转灯塔】{subject}",
        body=text,
        from_email=settings.MAIL["from"],
        to=[to],
        headers={
            # The same for every attempt: who receives it twice can see that it is one mail.
            "Message-ID": f"<{row.pk}.{row.created_at:%Y%m%d%H%M%S%f}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _telling(row: Outgoing, address: MailAddress, message: Message | None) -> str:
    """The text of a message; empty when it was read or done meanwhile, or is not wanted."""
    if message is None or message.is_read or message.done_at or address.confirmed_at is None:
        return ""
    unwanted = address.wish == MailWish.TODO and message.level == MessageLevel.INFO
    if unwanted or address.wish == MailWish.NONE:
        return ""
    parts = [
        f"{row.user}，您好：",
        message.title,
        message.body,
        f"打开这条消息：{settings.ADDRESS}{reverse('inbox:message', args=[message.pk])}",
        f"这封邮件由系统发出，请不要回复。不想再收到：{settings.ADDRESS}{reverse('inbox:mail')}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _confirming(row: Outgoing, address: MailAddress) -> str:
    """The text with the link; empty when another address was entered or the time is over."""
    current = address.nonce and row.key == f"confirm:{address.nonce}"
    if not current or address.pending_until is None or address.pending_until <= timezone.now():
        return ""
    link = reverse("inbox:confirm", args=[token_of(address)])
    return (
        f"{row.user}，您好：\n\n"
        "有人在数转灯塔填写了这个邮件地址。如果是您，请在 24 小时内打开下面的链接确认，"
        "以后的待办和期限提醒会发到这里：\n\n"
        f"{settings.ADDRESS}{link}\n\n"
        "如果不是您，不用理会；没有确认的地址不会收到别的邮件。\n"
    )


# The first that fits; the more special class stands before its base.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (
        smtplib.SMTPAuthenticationError,
        "邮件服务器拒绝登录，请检查 SHUZHUAN_MAIL_URL 里的用户名和密码",
    ),
    (smtplib.SMTPSenderRefused, "发件地址被邮件服务器拒绝，请检查 SHUZHUAN_MAIL_URL 里的 from"),
    (smtplib.SMTPServerDisconnected, "邮件服务器中断了连接"),
    (
        smtplib.SMTPNotSupportedError,
        "邮件服务器不支持加密或登录，请检查 SHUZHUAN_MAIL_URL",
    ),
    (smtplib.SMTPResponseException, "邮件服务器没有接受"),
    (ssl.SSLError, "与邮件服务器的加密连接失败，请检查证书和端口"),
    (TimeoutError, "连接邮件服务器超时"),
    (OSError, "连不上邮件服务器"),
)


def reason(error: Exception) -> tuple[str, bool]:
    """Why a mail was not sent, in Chinese without addresses; and whether trying again is useless."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max((reply[0] for reply in error.recipients.values()), default=0)
        return f"收件地址被邮件服务器拒绝（{code}）", code >= PERMANENT
    text = next((text for kind, text in _REASONS if isinstance(error, kind)), "没有发出")
    detail = getattr(error, "smtp_code", None) or type(error).__name__
    return f"{text}（{detail}）", False
