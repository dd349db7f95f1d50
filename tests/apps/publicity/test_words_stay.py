"""What was published, said and answered is not changed, by direct SQL neither."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, connection, transaction

from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.models import (
    Objection,
    ObjectionFile,
    Publicity,
    PublicityItem,
)
from tests.apps.publicity.kit import FIELDS, first, objected, officer, published
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_every_fixed_column_exists() -> None:
    from shuzhuan.apps.publicity.kept import FIXED

    for model in (Publicity, PublicityItem, Objection, ObjectionFile):
        columns = {field.column for field in model._meta.concrete_fields}
        assert set(FIXED[model._meta.db_table]) <= columns


@pytest.mark.parametrize(
    "change",
    [
        (Publicity, {"title": "别的"}),
        (Publicity, {"days": 4}),
        (Publicity, {"fields": ["别的"]}),
        (PublicityItem, {"values": {"单位名称": "别的"}}),
        (PublicityItem, {"amount_fen": 1}),
        (Objection, {"text": "别的"}),
        (Objection, {"from_name": "别人"}),
    ],
    ids=lambda change: f"{change[0].__name__}.{next(iter(change[1]))}",
)
def test_the_database_refuses(cast: Cast, change: Any) -> None:
    objected(first(published(cast)))
    model, values = change
    with pytest.raises(Error, match="keeps what was published"), transaction.atomic():
        model.objects.update(**values)


def test_control_the_same_words_and_the_running_columns_may_be_written(cast: Cast) -> None:
    publicity = published(cast)
    objection = objected(first(publicity))
    Publicity.objects.update(title=publicity.title, fields=list(FIELDS), provisional=True)
    PublicityItem.objects.update(objections_open=1)
    objection.save()


def test_an_answer_is_not_taken_back(cast: Cast) -> None:
    objection = objected(first(published(cast)))
    decide(officer(cast), objection.pk, upheld=True, finding="确实重复领取。", key="a")
    with pytest.raises(Error, match="keeps what"), transaction.atomic():
        Objection.objects.update(finding="改了")
    with pytest.raises(Error, match="keeps what"), transaction.atomic():
        connection.cursor().execute("UPDATE publicity_objection SET state = 'dismissed'")


def test_what_was_attached_is_not_exchanged(cast: Cast) -> None:
    objection = objected(first(published(cast)))
    ObjectionFile.objects.create(
        place_id=objection.place_id, objection=objection, position=1, sha256="0" * 64,
        size_bytes=1, kind="pdf", name="附件1.pdf", original_name="证明.pdf",
    )  # fmt: skip
    with pytest.raises(Error, match="keeps what"), transaction.atomic():
        ObjectionFile.objects.update(sha256="1" * 64)
