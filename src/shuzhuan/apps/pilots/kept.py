"""What was frozen when a batch opened stays frozen."""

from shuzhuan.apps.access.stays import Changed, Stays

FIXED = ("place_id", "pilot_id", "number", "clause", "process", "pack_version", "pack_digest")


def _opened(changed: Changed) -> str:
    return f"OLD.process <> '' AND ({changed(*FIXED)})"


BATCH_STAYS = Stays(
    "pilots_batch", "batch_process_stays", "an opened batch keeps its process", _opened
)
