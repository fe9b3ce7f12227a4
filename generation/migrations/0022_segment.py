"""Jobs that select by clicks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0021_moderation_totals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text_to_image", "text to image"),
                    ("image_to_image", "image to image"),
                    ("inpaint", "inpaint"),
                    ("outpaint", "outpaint"),
                    ("edit", "edit"),
                    ("upscale", "upscale"),
                    ("remove_background", "remove background"),
                    ("variation", "variation"),
                    ("layers", "layers"),
                    ("segment", "select by click"),
                ],
                max_length=20,
            ),
        ),
    ]
