from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    operations = [
        migrations.RenameField("batchjob", "results", "decided"),
        migrations.AlterField(
            "batchjob", "decided", models.BigIntegerField(default=0, verbose_name="测算了的行")
        ),
        migrations.RemoveField("batchjob", "total_fen"),
    ]
