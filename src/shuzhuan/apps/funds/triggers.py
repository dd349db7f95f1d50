"""What the database itself refuses, whoever asks: rows changed, and transfers that cannot be.

The actions check the same things first and say them in words; these triggers hold when something
goes round the actions.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# table: the sets of columns that are unique in it, besides id
GUARDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "funds_transfer": (("key",), ("fund_id", "number"), ("pending_id",)),
    "funds_entry": (("account_id", "number"), ("transfer_id", "side")),
    "funds_idempotentrequest": (("key",),),
    "funds_period": (("fund_id", "starts"),),
    "funds_fundline": (("fund_id", "key"),),
    "funds_fundsource": (("fund_id", "key"),),
}
REFUSED = (
    (
        "closed period",
        "EXISTS (SELECT 1 FROM funds_period p WHERE p.fund_id = NEW.fund_id "
        "AND NEW.dated BETWEEN p.starts AND p.ends)",
    ),
    (
        "account of another fund",
        "(SELECT count(*) FROM funds_account a WHERE a.id IN (NEW.debit_id, NEW.credit_id) "
        "AND a.fund_id = NEW.fund_id AND a.place_id = NEW.place_id) <> 2",
    ),
    (
        "resolution does not fit its reservation",
        "NEW.pending_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds_transfer t "
        "WHERE t.id = NEW.pending_id AND t.kind = 'pending' AND t.fund_id = NEW.fund_id "
        "AND t.debit_id = NEW.debit_id AND t.credit_id = NEW.credit_id "
        "AND t.dated <= NEW.dated AND (NEW.amount_fen = t.amount_fen "
        "OR (NEW.kind = 'post' AND NEW.amount_fen < t.amount_fen)))",
    ),
    (
        "claw-back does not fit its payment",
        "NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds_transfer t "
        "WHERE t.id = NEW.reverses_id AND t.kind = 'post' AND t.fund_id = NEW.fund_id "
        "AND t.debit_id = NEW.credit_id AND t.credit_id = NEW.debit_id "
        "AND t.dated <= NEW.dated AND t.amount_fen >= NEW.amount_fen + "
        "(SELECT coalesce(sum(r.amount_fen), 0) FROM funds_transfer r "
        "WHERE r.reverses_id = NEW.reverses_id))",
    ),
)
NAME = "funds_transfer_possible"


def possible(vendor: str) -> list[str]:
    """SQL of the triggers that refuse impossible transfers."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {NAME}_{number} BEFORE INSERT ON funds_transfer WHEN {test} "
            f"BEGIN SELECT RAISE(ABORT, 'impossible transfer: {message}'); END"
            for number, (message, test) in enumerate(REFUSED, 1)
        ]
    tests = " ".join(
        f"IF {test} THEN RAISE EXCEPTION 'impossible transfer: {message}' "
        "USING ERRCODE = 'check_violation'; END IF;"
        for message, test in REFUSED
    )
    return [
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {tests} RETURN NEW; END $$",
        f"CREATE TRIGGER {NAME} BEFORE INSERT ON funds_transfer FOR EACH ROW "
        f"EXECUTE FUNCTION {NAME}()",
    ]


def lay_down() -> migrations.RunPython:
    """A migration step that makes the triggers."""

    def make(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        vendor = schema_editor.connection.vendor
        for statement in possible(vendor):
            schema_editor.execute(statement, params=None)

    def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in dropped(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(make, drop)


def dropped(vendor: str) -> list[str]:
    """SQL that removes what ``lay_down`` made."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {NAME}_{number}" for number in range(1, len(REFUSED) + 1)]
    return [f"DROP TRIGGER {NAME} ON funds_transfer", f"DROP FUNCTION {NAME}()"]
