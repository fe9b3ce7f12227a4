"""What the bundled model knows, in words: read by the web process, so it imports no torch.

The caption grammar (`captions.py`) and the scenes (`scenes.py`) are built from these tables, so the words a person is
shown are the words the model was trained on.
"""

import re
from typing import Final

# kind of object -> (singular names, plural names); the first name is the one shown to people.
OBJECTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "house": (("house", "cottage", "cabin", "home"), ("houses", "cottages", "cabins", "homes")),
    "tree": (("tree", "oak", "oak tree", "leafy tree"), ("trees", "oaks", "oak trees", "leafy trees")),
    "sailboat": (
        ("sailboat", "boat", "sailing boat", "ship"),
        ("sailboats", "boats", "sailing boats", "ships"),
    ),
    "lighthouse": (("lighthouse",), ("lighthouses",)),
    "hot_air_balloon": (("hot air balloon", "air balloon"), ("hot air balloons", "air balloons")),
    "balloon": (("balloon", "party balloon", "toy balloon"), ("balloons", "party balloons", "toy balloons")),
    "rocket": (("rocket", "spaceship", "space rocket"), ("rockets", "spaceships", "space rockets")),
    "cactus": (("cactus",), ("cacti", "cactuses")),
    "mushroom": (("mushroom", "toadstool"), ("mushrooms", "toadstools")),
    "flower": (("flower", "daisy", "blossom"), ("flowers", "daisies", "blossoms")),
    "fish": (("fish", "goldfish"), ("fish", "fishes", "goldfish")),
    "bird": (("bird", "songbird"), ("birds", "songbirds")),
    "cat": (("cat", "kitten", "kitty"), ("cats", "kittens", "kitties")),
    "dog": (("dog", "puppy"), ("dogs", "puppies")),
    "rabbit": (("rabbit", "bunny", "hare"), ("rabbits", "bunnies", "hares")),
    "penguin": (("penguin",), ("penguins",)),
    "car": (("car", "automobile"), ("cars", "automobiles")),
    "butterfly": (("butterfly",), ("butterflies",)),
    "whale": (("whale",), ("whales",)),
    "snowman": (("snowman",), ("snowmen",)),
    "tent": (("tent", "camping tent"), ("tents", "camping tents")),
    "castle": (("castle", "fortress", "palace"), ("castles", "fortresses", "palaces")),
    "windmill": (("windmill", "mill"), ("windmills", "mills")),
    "palm": (("palm tree", "palm"), ("palm trees", "palms")),
}

COLOURS: Final[dict[str, tuple[str, ...]]] = {
    "red": ("red", "crimson", "scarlet"),
    "orange": ("orange",),
    "yellow": ("yellow", "golden"),
    "green": ("green", "emerald"),
    "teal": ("teal", "turquoise"),
    "blue": ("blue", "navy"),
    "purple": ("purple", "violet"),
    "pink": ("pink", "rose"),
    "brown": ("brown",),
    "white": ("white",),
    "black": ("black",),
}

COUNTS: Final[dict[int, tuple[str, ...]]] = {
    1: ("a", "one", "1", "a single"),
    2: ("two", "2", "a pair of"),
    3: ("three", "3"),
    4: ("four", "4"),
}

# Phrases that stand after the objects ("a red house {in the snow}").
SETTINGS: Final[dict[str, tuple[str, ...]]] = {
    "sea": (
        "on the sea",
        "at sea",
        "on the ocean",
        "on calm water",
        "on a calm sea",
        "in the sea",
        "on the water",
    ),
    "beach": (
        "on the beach",
        "at the beach",
        "on a sandy beach",
        "on the shore",
        "by the seaside",
        "on the coast",
    ),
    "mountains": (
        "in the mountains",
        "in front of mountains",
        "near the mountains",
        "with mountains behind",
        "in an alpine valley",
        "under snowy mountains",
    ),
    "hills": ("on a hill", "in the hills", "on rolling hills", "on green hills", "in the countryside"),
    "meadow": (
        "in a meadow",
        "in a field",
        "on the grass",
        "in a field of flowers",
        "in a garden",
        "in the park",
    ),
    "forest": ("in the forest", "in the woods", "among pine trees", "in a pine forest", "in a dark forest"),
    "desert": ("in the desert", "among sand dunes", "on the dunes", "in a sandy desert"),
    "city": ("in the city", "in front of a skyline", "in town", "in a big city", "in front of skyscrapers"),
    "snow": (
        "in the snow",
        "in winter",
        "on the snow",
        "in a snowy landscape",
        "in a snowy field",
        "on the ice",
    ),
    "space": ("in space", "in outer space", "among the planets", "in the galaxy", "on the moon"),
    "underwater": (
        "underwater",
        "under the sea",
        "under water",
        "on a coral reef",
        "at the bottom of the sea",
    ),
    "plain": (
        "on a {} background",
        "on a plain {} background",
        "in front of a {} background",
        "against a {} background",
        "on {} paper",
    ),
}

# The same settings as the subject of a picture without objects ("{a calm sea} at night").
LANDSCAPES: Final[dict[str, tuple[str, ...]]] = {
    "sea": ("the sea", "a calm sea", "the ocean", "a seascape"),
    "beach": ("a beach", "a sandy beach", "the coast"),
    "mountains": ("mountains", "snowy mountains", "a mountain landscape", "a mountain"),
    "hills": ("rolling hills", "green hills", "a hill", "the countryside"),
    "meadow": ("a meadow", "a field of flowers", "a garden", "a park"),
    "forest": ("a forest", "a pine forest", "pine trees", "the woods"),
    "desert": ("a desert", "sand dunes", "the desert"),
    "city": ("a city", "a city skyline", "skyscrapers", "a town"),
    "snow": ("a snowy landscape", "a winter landscape", "a snowy field"),
    "space": ("outer space", "space", "planets", "the galaxy"),
    "underwater": ("an underwater scene", "a coral reef", "the bottom of the sea"),
    "plain": ("a plain {} background", "a {} background"),
}

TIMES: Final[dict[str, tuple[str, ...]]] = {
    "day": ("by day", "during the day", "in daylight", "at noon", "in the afternoon"),
    "sunrise": ("at sunrise", "at dawn", "in the early morning", "in the morning"),
    "sunset": ("at sunset", "at dusk", "in the evening", "in the evening light", "during the golden hour"),
    "night": ("at night", "by night", "at midnight", "in the dark"),
}

WEATHERS: Final[dict[str, tuple[str, ...]]] = {
    "clear": ("under a clear sky", "in clear weather"),
    "cloudy": (
        "with clouds",
        "under a cloudy sky",
        "with white clouds",
        "on a cloudy day",
        "with clouds in the sky",
    ),
    "rain": ("in the rain", "on a rainy day", "with rain falling", "while it rains"),
    "snowfall": ("while it snows", "with falling snow", "in snowfall", "with snowflakes"),
    "fog": ("in the fog", "in the mist", "on a foggy day", "in misty weather"),
}

SKY: Final[dict[str, tuple[str, ...]]] = {
    "sun": ("with the sun", "under the sun", "with a yellow sun", "with the sun in the sky"),
    "moon": ("under a full moon", "with a full moon", "with the moon", "in the moonlight", "under the moon"),
    "crescent": ("under a crescent moon", "with a crescent moon", "with a crescent"),
    "stars": ("under the stars", "with stars", "under a starry sky", "with a starry sky", "with many stars"),
    "rainbow": ("with a rainbow", "under a rainbow", "with a rainbow in the sky"),
}

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "left": ("on the left", "on the left side", "at the left"),
    "right": ("on the right", "on the right side", "at the right"),
    "middle": ("in the middle", "in the centre", "in the center"),
}

# Words that change nothing in the picture: the model learnt to ignore them.
FILLERS: Final[tuple[str, ...]] = (
    "a picture of", "a drawing of", "an illustration of", "a poster of", "flat illustration of", "an image of",
    "a painting of", "please draw", "draw", "a postcard with", "a view of", "there is", "i want", "show me", "paint",
)  # fmt: skip
FLOURISHES: Final[tuple[str, ...]] = (
    "flat design", "minimalist", "poster", "vector art", "beautiful", "highly detailed", "4k", "calm mood",
    "bright colors", "digital art", "simple shapes", "illustration", "high quality", "cute", "colorful", "cartoon",
)  # fmt: skip
ADJECTIVES: Final[tuple[str, ...]] = (
    "cute", "little", "small", "big", "beautiful", "lovely", "tiny", "large", "pretty", "old", "nice", "happy",
)  # fmt: skip

SUGGESTIONS: Final[tuple[str, ...]] = (
    "a red sailboat on a calm sea at sunset",
    "a lighthouse on the beach at night under a full moon",
    "three hot air balloons in the mountains in the morning",
    "a yellow house in the snow with falling snow",
    "two red mushrooms in the forest",
    "an orange cat in a meadow with a rainbow",
    "a white rocket in space",
    "a purple fish on a coral reef",
    "a castle on green hills at dawn",
    "a windmill in a field of flowers with clouds",
    "four pink flowers in a garden",
    "a green cactus in the desert under the sun",
    "two penguins in the snow under the stars",
    "a blue car in the city at night",
    "a black dog on the beach and a red tent",
    "a teal butterfly on a yellow background",
)

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words without punctuation, as the tokenizer splits them."""
    return _WORD.findall(text.lower())


def _meaningful() -> frozenset[str]:
    phrases: list[str] = []
    for singular, plural in OBJECTS.values():
        phrases += [*singular, *plural]
    for table in (SETTINGS, LANDSCAPES, TIMES, WEATHERS, SKY, PLACES, COLOURS):
        for names in table.values():
            phrases += names
    return frozenset(word for phrase in phrases for word in words(phrase)) - _GLUE


# Words of the phrases above that mean nothing on their own.
_GLUE: Final = frozenset((
    "a", "an", "the", "on", "in", "at", "of", "by", "with", "under", "near", "among", "behind", "it", "while", "big",
    "front", "many", "bottom", "side", "during", "plain", "early", "light", "weather", "scene", "view", "air", "hot",
    "party", "toy", "single", "pair", "calm", "clear", "landscape", "sky", "falling", "small", "paper", "background",
))  # fmt: skip

MEANINGFUL: Final = _meaningful()
