"""The text that lies beside a data set: what may be done with it, and what has to be done again and again."""

from __future__ import annotations

from django.conf import settings

_TEXT = """# Pictures for training

Made by `manage.py training_export` of {site}.

## What it is

Pictures that people made on that site, each with its prompt and the recipe that it was drawn from.
`pictures.jsonl` has a line for each: its file, SHA-256, size, prompt, model, the licence of that model,
seed and recipe. `manifest.json` counts them and has the SHA-256 of that list. `removed.jsonl` names
pictures that were in the data set and no longer are.

No name, address or account is in it. Prompts are people's own words, which may say something about them:
keep the data set as private as the database that it comes from, and give it to nobody.

## Consent

Each picture is here because its owner turned on “My pictures may be used for training” before it was made,
and has not withdrawn that since. The policy of the site says what for: to improve the site's own models.
Use it for that and for nothing else.

What is left out: pictures in the trash, taken down, of people who restricted or lost their account, and all
that an uploaded file went into, directly or through other pictures, since it may be somebody else's.

## What you have to do

**Run the export again before each training, and at least every week while a copy of this folder exists.**
It removes what was withdrawn since, file and line. Delete other copies, or bring them up to date in the
same way. A model that was trained before a withdrawal isn't trained again because of it; the next one is
trained without the picture.

## Licence

The pictures belong to those who made them. They let the operator of the site use them for training, and
nobody else. The column `model_licence` names the licence of the model that drew each picture; where it
rules out training other models, leave those pictures out.
"""


def text() -> str:
    return _TEXT.format(site=settings.SITE_URL)
