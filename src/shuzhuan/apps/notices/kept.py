"""The words of a published notice stay, and so does its withdrawal."""

from shuzhuan.apps.access.stays import Changed, Stays

FIXED = ("place_id", "kind", "title", "body", "replaces_id", "created_by_id", "published_at")


def _published(changed: Changed) -> str:
    withdrawn = f"OLD.withdrawn_at IS NOT NULL AND ({changed('withdrawn_at')})"
    return f"(OLD.published_at IS NOT NULL AND ({changed(*FIXED)})) OR ({withdrawn})"


NOTICE_STAYS = Stays(
    "notices_notice", "notice_words_stay", "a published notice keeps its words", _published
)
