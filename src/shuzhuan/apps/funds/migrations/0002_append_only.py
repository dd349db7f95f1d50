"""Transfers, entries, answers, closed periods and the lines of a fund only grow."""

from django.db import migrations

from shuzhuan.apps.audit.append_only import append_only
from shuzhuan.apps.funds.triggers import GUARDED, lay_down


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]
    operations = [*(append_only(table, unique) for table, unique in GUARDED.items()), lay_down()]
