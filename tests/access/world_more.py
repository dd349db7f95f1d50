"""Things of the administration, the evidence store and the workbench, in every tenant."""

from __future__ import annotations

import io

from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership, PartyKind, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.evidence.models import Blob, Document, DocumentVersion, Link, View
from shuzhuan.apps.evidence.store import store
from shuzhuan.apps.notices.models import Kind, Notice
from shuzhuan.apps.signin.models import Session
from shuzhuan.apps.workbench.models import (
    BulkItem,
    BulkRun,
    ImportItem,
    ImportRun,
    SavedView,
    SearchEntry,
)
from tests.access.world import Thing, World, builder
from tests.cast import canary, client_of

OFFICES = (
    (Role.COUNTY_OFFICER, "pengyang"),
    (Role.COUNTY_OFFICER, "xiji"),
    (Role.COUNTY_OFFICER, "hongsibu"),
    (Role.COUNTY_OFFICER, "huian"),
    (Role.CITY_OFFICER, "guyuan"),
)


@builder
def administration(world: World) -> None:
    """Regions for the system administrator; people and their roles for the security one."""
    for region in world.cast.places.values():
        world.add(Thing(region, region, audience=f"role:{Role.SYSTEM_ADMIN}"))
    for member in Membership.objects.select_related("user", "region"):
        world.add(Thing(member, member.region, audience=f"role:{Role.SECURITY_ADMIN}"))
    for user in User.objects.prefetch_related("memberships__region"):
        held = user.memberships.all()
        if held:
            world.add(Thing(user, held[0].region, audience=f"role:{Role.SECURITY_ADMIN}"))


@builder
def evidence(world: World) -> None:
    """A document with a version, a use and a look at it, per party."""
    for party in world.cast.parties.values():
        member = next(m for m in world.cast.people.values() if m.party_id == party.pk)
        word, place, now = canary(party), party.place, timezone.now()
        stored = store().put(io.BytesIO(f"%PDF-1.4 {word}".encode()))
        blob = Blob.objects.create(
            place=place, owner=party, sha256=stored.sha256, size_bytes=stored.size_bytes, kind="pdf"
        )
        document = Document.objects.create(
            place=place,
            owner=party,
            slot="contract",
            title=word,
            created_by=member.user,
            updated_at=now,
        )
        version = DocumentVersion.objects.create(
            place=place, owner=party, document=document, number=1, blob=blob, name=f"{word}.pdf",
            original_name=f"{word}.pdf", uploaded_by=member.user, uploaded_at=now,
        )  # fmt: skip
        document.current, document.versions_count = version, 1
        document.save()
        link = Link.objects.create(
            place=place, owner=party, document=document, version=version, kind="test", object_id=1, label=word,
            created_by=member.user,
        )  # fmt: skip
        view = View.objects.create(
            place=place, owner=party, document=document, version=version, user=member.user, role=member.role,
            party=party,
        )  # fmt: skip
        world.add(Thing(party, place, party, audience="shelf"))
        for row in (document, version, link):
            world.add(Thing(row, place, party, audience="document"))
        world.add(Thing(view, place, party, audience="owner_party"))


@builder
def workbench(world: World) -> None:
    """Saved views, imports and bulk work of several offices."""
    for role, key in OFFICES:
        member = world.cast.person(role, key)
        place, word = world.cast.places[key], canary(world.cast.places[key])
        own = {"place": place, "user": member.user}
        view = SavedView.objects.create(**own, name=word, query="q=1", shared=False)
        world.add(Thing(view, place, audience="desk", user_id=member.user_id))
        shared = SavedView.objects.create(**own, name=f"{word}共", query="q=2", shared=True)
        world.add(Thing(shared, place, audience="office"))
        run = ImportRun.objects.create(
            **own, file_name=f"{word}.xlsx", extension="xlsx", file_hash=f"{place.pk:064d}",
            status="ready",
        )  # fmt: skip
        world.add(Thing(run, place, audience="office"))
        bulk = BulkRun.objects.create(
            **own, membership=member, action="enter", parameters="{}", key=f"key-{place.pk}"
        )
        world.add(Thing(bulk, place, audience="office"))
        for enterprise in Enterprise.objects.filter(place=place):
            item = ImportItem.objects.create(
                place=place, run=run, enterprise=enterprise, is_new=True
            )
            done = BulkItem.objects.create(
                place=place, run=bulk, enterprise=enterprise, outcome="done", message=word
            )
            for row in (item, done):
                world.add(Thing(row, place, audience="officers"))
    for enterprise in Enterprise.objects.select_related("place", "party"):
        entry, _ = SearchEntry.objects.get_or_create(
            enterprise=enterprise,
            defaults={
                "place": enterprise.place,
                "text": enterprise.name,
                "name_key": enterprise.name,
            },
        )
        world.add(Thing(entry, enterprise.place, audience="officers"))
    assert {p.kind for p in world.cast.parties.values()} >= {PartyKind.ENTERPRISE}


@builder
def notices(world: World) -> None:
    """A draft in several offices; a published one is for everybody and carries no canary."""
    for role, key in OFFICES:
        member = world.cast.person(role, key)
        place = world.cast.places[key]
        word, own = canary(place), {"place": place, "created_by": member.user}
        draft = Notice.objects.create(**own, kind=Kind.NOTICE, title=f"稿{word}", body=word)
        world.add(Thing(draft, place, audience="office"))
        Notice.objects.create(
            **own, kind=Kind.GUIDE, title="办事指南", body="正文", published_at=timezone.now()
        )


@builder
def sessions(world: World) -> None:
    """Somebody is signed in, in several places."""
    for role, key in ((Role.COUNTY_OFFICER, "pengyang"), (Role.COUNTY_OFFICER, "huian")):
        member = world.cast.person(role, key)
        client_of(member)
        session = Session.objects.get(user=member.user)
        world.add(
            Thing(session, world.cast.places[key], audience="session", user_id=member.user_id)
        )
