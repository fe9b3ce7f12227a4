"""The index of words, on PostgreSQL only: one person's pictures by the words of their prompts."""

from django.db import ProgrammingError, migrations, transaction

# Must stay the expression that generation/history.py makes, or PostgreSQL does not use it; a test asks it to explain.
INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS picture_words ON generation_picture
USING gin (owner_id, to_tsvector('simple'::regconfig, COALESCE(prompt, '')))
WHERE deleted_at IS NULL
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return  # SQLite reads the few thousand rows of one person
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    except ProgrammingError as error:
        # Searching works without, only slower for people with very many pictures.
        print(
            f"\n  No index of words: {error}  As a superuser: CREATE EXTENSION btree_gin; then create the index of {__file__}"
        )
        return
    schema_editor.execute(INDEX)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS picture_words")


class Migration(migrations.Migration):
    atomic = False  # built beside the site's work, not in its way
    dependencies = [("generation", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
