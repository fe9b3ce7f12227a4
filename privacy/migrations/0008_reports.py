"""Reports of pictures are a topic of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0005_export")]

    operations = [
        migrations.AlterField(
            model_name="supportmessage",
            name="topic",
            field=models.CharField(
                choices=[
                    ("picture", "A picture or a job"),
                    ("payment", "Credits and payment"),
                    ("account", "My account"),
                    ("privacy", "Privacy and my data"),
                    ("abuse", "Report of a picture"),
                    ("other", "Something else"),
                ],
                max_length=10,
                verbose_name="topic",
            ),
        ),
    ]
