"""Sealed columns: both ciphers, nothing moves, keys change while the site runs."""

from __future__ import annotations

import json
import pickle
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import connection
from django.http import Http404

from shuzhuan.apps.access import crypto, keyring, rotation
from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.audit.unmask import unmask
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.site.cli import main

PHONE = "13895412345"
ACCOUNT = "6217 8888 0000 1234"


@pytest.fixture(params=[keyring.AES, keyring.SM4])
def ring(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> keyring.Ring:
    settings.DATA_DIR = tmp_path
    settings.FIELD_CIPHER = request.param
    return keyring.ring()


@pytest.fixture
def mill(cast: Any, ring: keyring.Ring) -> Enterprise:
    return enterprise(cast, "pengyang_mill")


def enterprise(cast: Any, key: str) -> Enterprise:
    party = cast.parties[key]
    return Enterprise.objects.create(
        place=party.place,
        party=party,
        name=party.name,
        uscc=party.uscc,
        contact_phone=PHONE,
        bank_account=ACCOUNT,
    )


def stored(row: Enterprise, column: str = "bank_account") -> str:
    with connection.cursor() as cursor:
        query = f"SELECT {column} FROM enterprises_enterprise WHERE id = %s"  # noqa: S608
        cursor.execute(query, [row.pk])
        return str(cursor.fetchone()[0])


def store(row: Enterprise, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE enterprises_enterprise SET bank_account = %s WHERE id = %s", [text, row.pk]
        )


@pytest.mark.django_db
def test_what_is_stored_shows_nothing_and_is_read_again(mill: Enterprise) -> None:
    raw = stored(mill)
    assert raw.startswith("enc1:")
    assert ACCOUNT not in raw
    again = Enterprise.objects.get(pk=mill.pk)
    assert (again.contact_phone, again.bank_account) == (PHONE, ACCOUNT)
    assert again.contact_name == ""
    assert pickle.loads(pickle.dumps(again.bank_account)) == ACCOUNT  # noqa: S301
    assert Enterprise.objects.only("name").get(pk=mill.pk).bank_account == ACCOUNT


@pytest.mark.django_db
def test_equal_texts_differ_in_the_database(cast: Any, mill: Enterprise) -> None:
    assert stored(mill) != stored(enterprise(cast, "xiji_starch"))


@pytest.mark.django_db
def test_a_row_that_was_not_opened_keeps_its_bytes(mill: Enterprise) -> None:
    before = stored(mill)
    row = Enterprise.objects.get(pk=mill.pk)
    row.name = "改名"
    row.save()
    assert stored(mill) == before


@pytest.mark.django_db
def test_a_value_copied_from_another_row_or_column_does_not_open(
    cast: Any, mill: Enterprise
) -> None:
    other = enterprise(cast, "xiji_starch")
    for foreign in (stored(other), stored(mill, "contact_phone")):
        store(mill, foreign)
        with pytest.raises(crypto.SealBroken):
            _ = Enterprise.objects.get(pk=mill.pk).bank_account


@pytest.mark.django_db
def test_every_changed_sign_is_noticed(mill: Enterprise) -> None:
    for account in (ACCOUNT, ACCOUNT + "1", ACCOUNT + "12"):  # no, one and two spare signs
        mill.bank_account = account
        mill.save()
        raw = stored(mill)
        for place, sign in enumerate(raw):
            store(mill, raw[:place] + chr(ord(sign) ^ 1) + raw[place + 1 :])
            with pytest.raises(crypto.SealBroken):
                _ = Enterprise.objects.get(pk=mill.pk).bank_account
        for longer in (raw + "=", raw + "!", raw[:-4] + "\n" + raw[-4:]):
            store(mill, longer)
            with pytest.raises(crypto.SealBroken):
                _ = Enterprise.objects.get(pk=mill.pk).bank_account
    store(mill, ACCOUNT)
    with pytest.raises(crypto.SealBroken, match="not encrypted"):
        _ = Enterprise.objects.get(pk=mill.pk).bank_account


@pytest.mark.django_db
def test_values_show_nothing_and_open_with_their_row(mill: Enterprise) -> None:
    row = Enterprise.objects.values("party_id", "bank_account").get()
    assert str(row["bank_account"]) == crypto.HIDDEN
    field = Enterprise._meta.get_field("bank_account")
    assert isinstance(field, crypto.EncryptedField)
    assert field.open(row["bank_account"], row) == ACCOUNT


@pytest.mark.django_db
def test_only_the_empty_text_is_looked_up(mill: Enterprise) -> None:
    assert Enterprise.objects.filter(contact_name="").count() == 1
    assert Enterprise.objects.exclude(bank_account="").count() == 1
    with pytest.raises(TypeError):
        Enterprise.objects.filter(bank_account=ACCOUNT).count()
    with pytest.raises(FieldError):
        Enterprise.objects.filter(bank_account__contains="1").count()
    with pytest.raises(TypeError):
        Enterprise.objects.update(bank_account="1")


@pytest.mark.django_db
def test_bulk_writes_seal(mill: Enterprise) -> None:
    row = Enterprise.objects.get(pk=mill.pk)
    row.bank_account = "9" * 16
    Enterprise.objects.bulk_update([row], ["bank_account"])
    assert stored(mill).startswith("enc1:")
    assert Enterprise.objects.get(pk=mill.pk).bank_account == "9" * 16


@pytest.mark.django_db
def test_a_value_without_its_row_key_is_not_written(cast: Any, ring: keyring.Ring) -> None:
    with pytest.raises(ValueError, match="party_id"):
        Enterprise(place=cast.places["xiji"], bank_account="1").save()


def test_blind_index_finds_the_same_number_however_it_is_written(ring: keyring.Ring) -> None:
    forms = ("13895412345", "138 9541 2345", "138-9541-2345", "+8613895412345", "0086 13895412345")
    assert len({crypto.blind_index(form) for form in forms}) == 1
    assert crypto.blind_index("13895412346") != crypto.blind_index(PHONE)
    assert crypto.blind_index(PHONE, "phone") != crypto.blind_index(PHONE, "account")
    assert crypto.blind_index(" ") == ""
    keyring.add_key()
    assert crypto.blind_index(forms[1]) == crypto.blind_index(PHONE)


def test_masks() -> None:
    assert crypto.mask_phone("138 0000 1234") == "138****1234"
    assert crypto.mask_phone("0954-2035678") == "****5678"
    assert crypto.mask_phone("110") == "****"
    assert crypto.mask_id_number("640425199001011234") == "6****4"
    assert crypto.mask_account(ACCOUNT) == "****1234"
    assert crypto.mask_account("1234") == "****"
    assert crypto.mask_account("") == crypto.mask_phone("") == crypto.mask_id_number("") == ""


def test_the_file_is_the_owners_alone(ring: keyring.Ring) -> None:
    assert keyring.path().stat().st_mode & 0o777 == 0o600
    keyring.path().chmod(0o640)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        keyring.ring()


def test_a_damaged_file_is_said(ring: keyring.Ring) -> None:
    keyring.path().write_bytes(keyring.path().read_bytes()[:-20])
    with pytest.raises(ImproperlyConfigured, match="不完整"):
        keyring.ring()


def test_processes_that_start_together_agree_on_one_ring(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(keyring.ring().current_id)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [each.name for each in tmp_path.iterdir()] == [keyring.FILE_NAME]


@pytest.mark.django_db
def test_rotation_moves_every_value_and_forgets_late(cast: Any, mill: Enterprise) -> None:
    old = keyring.ring().current_id
    other = enterprise(cast, "xiji_starch")
    done = rotation.rotate(batch=1)
    assert (done.rows, done.left) == (4, 0)
    assert stored(mill).split(":")[1] == done.key_id != old
    assert Enterprise.objects.get(pk=other.pk).bank_account == ACCOUNT
    assert rotation.forgettable() == set()
    assert rotation.forgettable(datetime.now(UTC) + timedelta(hours=25)) == {old}
    keyring.forget({old})
    assert Enterprise.objects.get(pk=mill.pk).bank_account == ACCOUNT
    with pytest.raises(ValueError, match="current"):
        keyring.forget({done.key_id})


@pytest.mark.django_db
def test_a_key_in_use_is_not_forgettable(mill: Enterprise) -> None:
    keyring.add_key()
    assert rotation.forgettable(datetime.now(UTC) + timedelta(days=9)) == set()


@pytest.mark.django_db
def test_a_value_written_meanwhile_is_not_overwritten(
    mill: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saves between reading and swapping: the new value stays."""
    read = rotation._next_rows
    changed = []

    def slow(*args: Any) -> Any:
        rows = read(*args)
        if rows and not changed:
            changed.append(True)
            row = Enterprise.objects.get(pk=mill.pk)
            row.contact_phone = row.bank_account = row.contact_name = "11112222"
            row.save()
        return rows

    monkeypatch.setattr(rotation, "_next_rows", slow)
    assert rotation.rotate().left == 0
    again = Enterprise.objects.get(pk=mill.pk)
    assert (again.contact_phone, again.bank_account, again.contact_name) == ("11112222",) * 3


@pytest.mark.django_db(transaction=True)
def test_readers_and_writers_go_on_during_rotations(cast: Any, ring: keyring.Ring) -> None:
    """Two writers and a reader run through three rotations; no write is lost, no read fails."""
    keys = ("pengyang_mill", "park_foundry", "xiji_starch", "hongsibu_wine")
    rows = [enterprise(cast, key) for key in keys]
    last: dict[int, str] = {}
    counts = {"written": 0, "read": 0}
    faults: list[BaseException] = []
    stop = threading.Event()

    def work(task: Any) -> None:
        try:
            while not stop.is_set():
                task()
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    def writer(own: list[Enterprise]) -> Any:
        def write() -> None:
            for row in own:
                counts["written"] += 1
                text = f"{counts['written']:08d}"
                fresh = Enterprise.objects.get(pk=row.pk)
                fresh.bank_account = text
                fresh.save(update_fields=["bank_account"])
                last[row.pk] = text

        return write

    def read() -> None:
        for row in Enterprise.objects.order_by("pk"):
            assert row.contact_phone == PHONE
            assert row.bank_account
            counts["read"] += 1

    tasks = [writer(rows[:2]), writer(rows[2:]), read]
    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    left = [rotation.rotate(batch=1) for _ in range(3)][-1]
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert counts["written"] > 4
    assert counts["read"] > 4
    assert rotation.finish(left.key_id).left == 0
    for row in rows:
        assert Enterprise.objects.get(pk=row.pk).bank_account == last[row.pk]


@pytest.mark.django_db
def test_unmasking_is_on_record_with_a_reason(cast: Any, mill: Enterprise) -> None:
    officer = actor_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    assert unmask(officer, mill, "bank_account", "核对兑付账户") == ACCOUNT
    entry = Entry.objects.latest("pk")
    assert (entry.action, entry.object_id) == ("unmask", str(mill.pk))
    assert json.loads(entry.detail) == {"field": "bank_account", "reason": "核对兑付账户"}
    assert ACCOUNT not in entry.detail
    for reason in ("", " 看看 ", "长" * 201):
        with pytest.raises(ValidationError):
            unmask(officer, mill, "bank_account", reason)
    with pytest.raises(Http404):
        stranger = actor_of(cast.person(Role.COUNTY_OFFICER, "xiji"))
        unmask(stranger, mill, "bank_account", "核对兑付账户")
    with pytest.raises(ValueError, match="name"):
        unmask(officer, mill, "name", "核对兑付账户")
    assert Entry.objects.filter(action="unmask").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_rotates_resumes_and_forgets(
    cast: Any, mill: Enterprise, capsys: pytest.CaptureFixture[str]
) -> None:
    old = keyring.ring().current_id
    assert main(["rotate-keys"]) == 0
    assert "联系电话" in capsys.readouterr().out
    assert stored(mill).split(":")[1] not in (old, "")
    assert main(["rotate-keys", "--resume"]) == 0
    assert main(["rotate-keys", "--forget"]) == 0
    assert "删除了 0 把" in capsys.readouterr().out
    assert set(keyring.ring().keys) >= {old}
