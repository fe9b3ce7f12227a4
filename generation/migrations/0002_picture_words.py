"""Made an index of words on PostgreSQL, which 0011 drops: the search has an index of its own now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("generation", "0001_initial")]
    operations = []
