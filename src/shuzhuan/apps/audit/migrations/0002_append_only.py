"""The log and its checkpoints can only grow."""

from django.db import migrations

from shuzhuan.apps.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [append_only("audit_entry", (("chain_id", "number"),)), append_only("audit_checkpoint")]
