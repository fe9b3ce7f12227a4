"""Jobs that wait are of the newest version: their words are read in every language that is known, as they were.

Requests of version 3 are drawn as typed from now on, since nobody can tell from them alone whether their pictures were
drawn before words were read. What waits has no picture yet. Live jobs are few, so this is one short transaction.
"""

from django.db import migrations

_LIVE = ("queued", "running")
_BEFORE = 3
_NOW = 4


def bring_up_to_date(apps, schema_editor):
    Job = apps.get_model("generation", "Job")
    for job in Job.objects.filter(state__in=_LIVE, request__version=_BEFORE).iterator():
        job.request["version"] = _NOW
        adapter = (job.request.get("adapter") or {}).get("key")
        needs = f"adapter:{adapter}" if adapter else ""
        Job.objects.filter(pk=job.pk).update(request=job.request, needs=needs)


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0024_job_needs"),
    ]

    operations = [
        migrations.RunPython(bring_up_to_date, migrations.RunPython.noop),
    ]
