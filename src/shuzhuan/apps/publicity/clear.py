"""Whether something published may move on."""

from __future__ import annotations

from datetime import date

from shuzhuan.apps.publicity.models import ItemState, PublicityItem, State


def item_is_clear(item: PublicityItem, today: date) -> bool:
    """Period over, no objection open, none upheld, and neither item nor publicity taken back.

    Read anew from the database: money may follow, so a row fetched earlier is not believed.
    """
    return (
        PublicityItem.objects.filter(
            pk=item.pk,
            publicity__ends_on__lt=today,
            objections_open=0,
            state__in=(ItemState.RUNNING, ItemState.PASSED),
        )
        .exclude(publicity__state=State.CANCELLED)
        .exists()
    )
