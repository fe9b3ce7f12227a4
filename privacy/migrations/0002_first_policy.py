"""The first version of the privacy policy."""

from django.db import migrations

from privacy.policy import first_policy


def publish(apps, schema_editor):
    first_policy.ensure(
        apps.get_model("privacy", "PolicyVersion").objects.using(schema_editor.connection.alias)
    )


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
