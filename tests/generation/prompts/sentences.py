"""Prompts as people write them in five languages, what the model reads of each, and the facts that it names."""

from __future__ import annotations

from typing import Final

from generation.bundled.captions import Facts
from generation.bundled.scenes import Group


def _facts(kind: str, colour: str = "", count: int = 1, **said: str) -> Facts:
    return Facts(groups=(Group(kind, colour, count),), **said)


_HOUSE = _facts("house", "red", time="night", setting="sea")
_BOAT = _facts("sailboat", "white", setting="sea", time="sunset")
_CATS = _facts("cat", "black", 2, setting="snow", sky="stars")
_BALLOONS = _facts("hot_air_balloon", "blue", 3, setting="mountains")
_LIGHTHOUSE = _facts("lighthouse", setting="beach", time="night", sky="moon")
_CASTLE = _facts("castle", setting="hills", weather="fog")

# Language, prompt, what is read, facts.
SENTENCES: Final[tuple[tuple[str, str, str, Facts], ...]] = (
    ("de", "ein rotes Haus am See bei Nacht", "a red house on calm water at night", _HOUSE),
    ("de", "Weißes Segelboot auf dem Meer bei Sonnenuntergang", "white sailboat on the sea at sunset", _BOAT),
    ("de", "Zwei schwarze Katzen im Schnee, unter einem Sternenhimmel",
     "two black cats in the snow, under a starry sky", _CATS),
    ("de", "drei blaue Heissluftballons in den Bergen", "three blue hot air balloons in the mountains", _BALLOONS),
    ("de", "ein Leuchtturm am Strand in der Nacht bei Vollmond",
     "a lighthouse on the beach at night under a full moon", _LIGHTHOUSE),
    ("de", "ein Schloss auf einem Hügel im Nebel", "a castle on a hill in the fog", _CASTLE),
    ("fr", "une maison rouge au bord du lac la nuit", "a red house on calm water at night", _HOUSE),
    ("fr", "un voilier blanc sur la mer au coucher du soleil", "a white sailboat on the sea at sunset", _BOAT),
    ("fr", "deux chats noirs dans la neige sous un ciel étoilé",
     "two black cats in the snow under a starry sky", _CATS),
    ("fr", "trois montgolfières bleues dans les montagnes",
     "three blue hot air balloons in the mountains", _BALLOONS),
    ("fr", "un phare sur la plage la nuit sous la pleine lune",
     "a lighthouse on the beach at night under a full moon", _LIGHTHOUSE),
    ("fr", "un chateau sur une colline dans le brouillard", "a castle on a hill in the fog", _CASTLE),
    ("es", "una casa roja junto al lago de noche", "a red house on calm water at night", _HOUSE),
    ("es", "un velero blanco en el mar al atardecer", "a white sailboat on the sea at sunset", _BOAT),
    ("es", "dos gatos negros en la nieve bajo un cielo estrellado",
     "two black cats in the snow under a starry sky", _CATS),
    ("es", "tres globos aerostáticos azules en las montañas",
     "three blue hot air balloons in the mountains", _BALLOONS),
    ("es", "un faro en la playa de noche bajo la luna llena",
     "a lighthouse on the beach at night under a full moon", _LIGHTHOUSE),
    ("es", "un castillo en una colina en la niebla", "a castle on a hill in the fog", _CASTLE),
    ("it", "una casa rossa in riva al lago di notte", "a red house on calm water at night", _HOUSE),
    ("it", "una barca a vela bianca sul mare al tramonto", "a white sailboat on the sea at sunset", _BOAT),
    ("it", "due gatti neri nella neve sotto un cielo stellato",
     "two black cats in the snow under a starry sky", _CATS),
    ("it", "tre mongolfiere blu in montagna", "three blue hot air balloons in the mountains", _BALLOONS),
    ("it", "un faro sulla spiaggia di notte sotto la luna piena",
     "a lighthouse on the beach at night under a full moon", _LIGHTHOUSE),
    ("it", "un castello su una collina nella nebbia", "a castle on a hill in the fog", _CASTLE),
    ("pt", "uma casa vermelha à beira do lago à noite", "a red house on calm water at night", _HOUSE),
    ("pt", "um veleiro branco no mar ao pôr do sol", "a white sailboat on the sea at sunset", _BOAT),
    ("pt", "dois gatos pretos na neve sob um céu estrelado",
     "two black cats in the snow under a starry sky", _CATS),
    ("pt", "três balões de ar quente azuis nas montanhas",
     "three blue hot air balloons in the mountains", _BALLOONS),
    ("pt", "um farol na praia à noite sob a lua cheia",
     "a lighthouse on the beach at night under a full moon", _LIGHTHOUSE),
    ("pt", "um castelo numa colina no nevoeiro", "a castle on a hill in the fog", _CASTLE),
)  # fmt: skip
