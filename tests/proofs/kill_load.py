"""The load of `prove-kill`: enterprises that file through the pages, each in a thread."""

from __future__ import annotations

import hashlib
import http.client
import http.cookiejar
import random
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.proofs.kill import Acknowledged

FOUND, UNPROCESSABLE = 302, 422
NUMBERS = (1, 6, 7, 12)  # firms whose people may come in by the door of the demonstration


@dataclass(frozen=True)
class Prepared:
    """One firm that can file: its door, the batch, and the papers of its library."""

    persona: str
    batch: int
    vendor: int
    plan: int
    licence: int


def prepare(data: Path) -> list[Prepared]:
    """A demonstration place with firms whose archives are complete, and the static files."""
    from django.core.management import call_command
    from django.utils import timezone

    from shuzhuan.apps.assessments.actions.sets import ensure_shipped
    from shuzhuan.site import operations
    from shuzhuan.site.rehearsal import stage
    from shuzhuan.site.rehearsal.drive import Drive

    call_command("migrate", verbosity=0, interactive=False)
    operations.collect_static()
    ensure_shipped()
    people = stage.build()
    drive, today = Drive(people.players), timezone.localdate()
    batch = drive.open_pilot(today, today + timedelta(days=364), days=60)
    (data / "demo").write_text("", "utf-8")
    found = []
    for number in NUMBERS:
        firm = people.firms[number - 1]
        drive.archive(firm, stage.FIRMS[number - 1][1])
        plan = drive.document(firm, "report", "改造方案")
        licence = drive.document(firm, "licence", "营业执照")
        vendor = people.players.vendor_party.pk
        found.append(Prepared(f"firm{number}", batch.pk, vendor, plan.pk, licence.pk))
    return found


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is the answer; it is not followed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Client(threading.Thread):
    """Whoever signs for an enterprise: start, fill, attach, file, upload, withdraw, and again.

    Nothing of it may be refused: every answer that is not a yes is something wrong.
    """

    def __init__(
        self, port: int, firm: Prepared, said: Acknowledged, stop: threading.Event, seed: float
    ) -> None:
        super().__init__(daemon=True)
        self.base, self.firm, self.said, self.stopped = f"http://127.0.0.1:{port}", firm, said, stop
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), _Stay()
        )
        self.source = random.Random(seed)

    def run(self) -> None:
        try:
            self._get("/demo/")
            self._post(f"/demo/{self.firm.persona}/", {})
            self._tidy()
            while not self.stopped.is_set():
                self._round()
        except Refused:
            self.stopped.set()
        except (OSError, urllib.error.URLError, http.client.HTTPException):
            return  # the server was killed: whatever was not answered was not acknowledged

    def _start(self) -> int:
        location = self._post(f"/my/projects/start/{self.firm.batch}/", {})
        return next(int(part) for part in location.split("/") if part.isdigit())

    def _tidy(self) -> None:
        """What was filed without a word before the last kill is withdrawn; a draft is not."""
        path = f"/projects/{self._start()}/withdraw/"
        self._post(path, {"reason": "重新开始", "key": str(uuid.uuid4())}, may_be_refused=True)

    def _round(self) -> None:
        project = self._start()
        today, later = _days()
        fill = {
            "title": f"项目{self.source.random()}", "content": "内容", "goal": "目标",
            "vendor": str(self.firm.vendor), "vendor_name": "", "planned_fen": "700000",
            "starts_on": today, "ends_on": later, "level_target": "2",
        }  # fmt: skip
        self._act(project, "edit_filing", fill)
        for paper, document in (("plan", self.firm.plan), ("licence", self.firm.licence)):
            self._act(project, "attach_paper", {"paper": paper, "document": str(document)})
        self._upload()
        self._act(project, "file", {})
        self._act(project, "withdraw", {"reason": "再次申报"})

    def _act(self, project: int, action: str, body: dict[str, str]) -> None:
        key = str(uuid.UUID(int=self.source.getrandbits(128), version=4))
        self._post(f"/projects/{project}/{action}/", {**body, "key": key})
        with self.said.lock:
            self.said.keys[key] = action

    def _upload(self) -> None:
        from shuzhuan.site.rehearsal.papers import paper

        title = f"杀进程{self.source.getrandbits(60)}"
        content = paper(title)
        boundary = f"b{self.source.getrandbits(64)}"
        fields = {"slot": "other", "title": title, "csrfmiddlewaretoken": self._token()}
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
            for n, v in fields.items()
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{title}.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={boundary}"
        self._send("/my/documents/upload/", body, kind)
        with self.said.lock:
            self.said.files[title] = hashlib.sha256(content).hexdigest()

    def _token(self) -> str:
        return next((c.value or "" for c in self.jar if c.name == "csrftoken"), "")

    def _get(self, path: str) -> None:
        with self.opener.open(self.base + path, timeout=20) as answer:
            answer.read()

    def _post(self, path: str, body: dict[str, str], *, may_be_refused: bool = False) -> str:
        text = urllib.parse.urlencode({**body, "csrfmiddlewaretoken": self._token()})
        kind = "application/x-www-form-urlencoded"
        return self._send(path, text.encode(), kind, may_be_refused=may_be_refused)

    def _send(self, path: str, body: bytes, kind: str, *, may_be_refused: bool = False) -> str:
        """Where the redirect leads. Raises Refused for every other answer, which is noted."""
        request = urllib.request.Request(self.base + path, body, {"Content-Type": kind})
        try:
            with self.opener.open(request, timeout=20) as answer:
                code, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            if error.code == FOUND:
                return str(error.headers.get("Location", ""))
            code, text = error.code, error.read().decode()
        if may_be_refused and code == UNPROCESSABLE:
            return ""
        with self.said.lock:
            self.said.wrong.append(f"{path} answered {code}: {_problem(text)}")
        raise Refused


class Uploader(Client):
    """A colleague in the same enterprise who uploads all the while: their rows meet."""

    def _tidy(self) -> None:
        """Files are nobody's turn."""

    def _round(self) -> None:
        self._upload()
        self.stopped.wait(self.source.random())


class Refused(Exception):
    """The server said no."""


def _problem(page: str) -> str:
    """What a page says is wrong, as plain text."""
    marked = re.search(r'(?s)role="alert".*', page)
    words = re.sub(r"<[^>]*>|\s+", " ", marked[0] if marked else page)
    return " ".join(words.split())[:200]


def _days() -> tuple[str, str]:
    from django.utils import timezone

    today = timezone.localdate()
    return today.isoformat(), (today + timedelta(days=100)).isoformat()


def answer_before_commit() -> None:
    """The control: what is acknowledged has not been committed yet, and sometimes never is."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    real = BaseDatabaseWrapper.commit
    source = random.Random(1)

    def forgetful(self: BaseDatabaseWrapper) -> None:
        if source.random() < 0.05:
            self.rollback()
        else:
            real(self)

    BaseDatabaseWrapper.commit = forgetful  # type: ignore[method-assign]
