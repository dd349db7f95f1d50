"""A published indicator set stays as it is, but for its state and why it was retired."""

from shuzhuan.apps.access.stays import Changed, Stays

FIXED = (
    "place_id", "set_id", "version", "title", "sector", "document", "sha256", "figures_sha256",
    "has_unverified", "checked", "note", "based_on_id", "created_by_id", "changed_by_id",
    "published_at", "published_by_id",
)  # fmt: skip


def _published(changed: Changed) -> str:
    back = "NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
    return f"OLD.state <> 'draft' AND ({changed(*FIXED)} OR {back})"


SET_STAYS = Stays(
    "assessments_publishedset",
    "indicator_set_stays",
    "a published indicator set never changes",
    _published,
)
