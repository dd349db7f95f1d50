from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="ceiling_note",
            field=models.TextField(blank=True, verbose_name="其他项目的扣减"),
        ),
    ]
