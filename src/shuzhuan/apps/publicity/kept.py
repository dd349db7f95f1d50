"""What was published, and what was said against it, stays."""

from shuzhuan.apps.access.stays import Changed, Stays

FIXED = {
    "publicity_publicity": (
        "place_id", "kind", "year", "serial", "number", "title", "basis", "fields",
        "amount_field", "days", "unit", "bound", "starts_on", "contact", "created_by_id",
    ),
    "publicity_publicityitem": (
        "place_id", "publicity_id", "position", "party_id", "subject_kind", "subject_id",
        "values", "amount_fen",
    ),
    "publicity_objection": (
        "place_id", "item_id", "party_id", "number", "made_at", "from_name", "text", "key",
    ),
    "publicity_objectionfile": (
        "place_id", "objection_id", "party_id", "position", "sha256", "size_bytes", "kind",
        "name", "original_name", "created_at",
    ),
}  # fmt: skip
# Once decided, an answer is not taken back or reworded.
DECIDED = ("state", "finding", "decided_by_id", "decided_at")


def _stays(table: str) -> Stays:
    def test(changed: Changed) -> str:
        fixed = changed(*FIXED[table])
        if table == "publicity_objection":
            return f"{fixed} OR (OLD.state <> 'open' AND ({changed(*DECIDED)}))"
        return fixed

    return Stays(table, f"{table}_stays", f"{table} keeps what was published", test)


PUBLISHED_STAYS = tuple(_stays(table) for table in FIXED)
