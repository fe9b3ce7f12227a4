from django.db import migrations, models, transaction

BATCH = 500


def discard_originals(apps, schema_editor):
    """Take the rows of uploaded originals away and put their objects into the outbox: both or none, in batches.

    A batch is a transaction of its own, so that nothing waits for millions of rows, and a run that is killed carries
    on where it was.
    """
    database = schema_editor.connection.alias
    files = apps.get_model("generation", "File").objects.using(database)
    outbox = apps.get_model("generation", "StorageDeletion")
    last = 0
    while rows := list(
        files.filter(role="original", pk__gt=last).order_by("pk").values_list("pk", "key")[:BATCH]
    ):
        with transaction.atomic(using=database):
            outbox.objects.using(database).bulk_create(
                [outbox(key=key) for _pk, key in rows], ignore_conflicts=True
            )
            files.filter(pk__in=[pk for pk, _key in rows]).delete()
        last = rows[-1][0]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("generation", "0004_picture_end"),
    ]

    operations = [
        migrations.RunPython(discard_originals, migrations.RunPython.noop, elidable=True),
        # Choices are not in the table: this changes no row and locks nothing.
        migrations.AlterField(
            model_name="file",
            name="role",
            field=models.CharField(
                choices=[
                    ("master", "Master"),
                    ("thumb256", "Thumb 256"),
                    ("thumb512", "Thumb 512"),
                    ("thumb1024", "Thumb 1024"),
                    ("download", "Download"),
                ],
                max_length=12,
            ),
        ),
    ]
