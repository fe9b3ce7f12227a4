"""The indexes of the search, built beside the site's work; the former index of words goes.

What exists already is prepared by the beat, or at once by ``manage.py index_search``; until then its prompts are compared
as they stand.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndexBesideWork(AddIndexConcurrently):
    """Concurrently on PostgreSQL, where a build that was broken off leaves an invalid index behind; plainly on SQLite."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


def drop_index_of_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS picture_words")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("generation", "0009_search")]
    operations = [
        AddIndexBesideWork(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("search_text__isnull", True)), fields=["id"], name="picture_unprepared"
            ),
        ),
        AddIndexBesideWork(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("search_segment__isnull", True)),
                fields=["owner", "-created_at", "-id"],
                name="picture_unindexed",
            ),
        ),
        AddIndexBesideWork(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("favourite_at__isnull", False), ("favourite_segment__isnull", True)),
                fields=["owner", "-favourite_at", "-id"],
                name="favourite_unindexed",
            ),
        ),
        migrations.RunPython(drop_index_of_words, migrations.RunPython.noop),
    ]
