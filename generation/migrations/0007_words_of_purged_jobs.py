"""Delete the words of jobs whose pictures were all deleted for good before this was done at once.

Those that made nothing are left to the beat, which deletes their words after the same time for everybody. Negative
prompts in old sessions go as well: they were copies of a job's.
"""

import importlib

from django.conf import settings
from django.db import migrations
from django.utils import timezone

BATCH = 500


def forget(apps, schema_editor):
    alias = schema_editor.connection.alias
    jobs = apps.get_model("generation", "Job").objects.using(alias)
    holds = apps.get_model("billing", "Hold").objects.using(alias)
    pictures = apps.get_model("generation", "Picture").objects.using(alias)
    ended = jobs.filter(state__in=["done", "cancelled"], words_deleted_at=None).order_by("pk")
    last = None
    while batch := list(
        (ended if last is None else ended.filter(pk__gt=last)).values_list("pk", "state")[:BATCH]
    ):
        last = batch[-1][0]
        ids = {pk for pk, _state in batch}
        ids -= set(pictures.filter(job__in=ids).values_list("job", flat=True))
        # A cancelled job had pictures if some of its credits were charged.
        refs = [f"job:{pk}" for pk, state in batch if state == "cancelled" and pk in ids]
        charged = set(holds.filter(ref__in=refs, captured__gt=0).values_list("ref", flat=True))
        ids -= {pk for pk, state in batch if state == "cancelled" and f"job:{pk}" not in charged}
        jobs.filter(pk__in=ids).update(request={}, batch_key="", words_deleted_at=timezone.now())


def drop_copies(apps, schema_editor):
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    sessions = apps.get_model("sessions", "Session").objects.using(schema_editor.connection.alias)
    for session in sessions.iterator(chunk_size=BATCH):
        data = store.decode(session.session_data)
        if (data.get("create") or {}).pop("negative_prompt", ""):
            # Not saved through the store: that would also put off the day on which the session ends.
            sessions.filter(pk=session.pk).update(session_data=store.encode(data))


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0006_job_words_deleted"),
        ("billing", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RunPython(drop_copies, migrations.RunPython.noop),
    ]
