"""The history of a project can only grow."""

from django.db import migrations

from shuzhuan.apps.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]
    operations = [append_only("projects_step", (("project_id", "number"),))]
