"""The words of captions: synonyms, phrases for places, times and weather, and true remarks to fill a caption with.

A synonym may stand for its word wherever the caption wants variety; a remark is only ever added.
"""

from __future__ import annotations

from training.world import spec
from training.world.face import beak_mouth
from training.world.kinds import all_kinds

KINDS: dict[str, tuple[str, ...]] = {name: all_kinds()[name].also for name in spec.KINDS}
BEAKED = frozenset(name for name, kind in all_kinds().items() if kind.mouth is beak_mouth)
"""Kinds without teeth."""
COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("crimson", "scarlet", "ruby", "bright red"),
    "orange": ("tangerine", "bright orange", "pumpkin-coloured"),
    "yellow": ("lemon", "golden", "bright yellow"),
    "green": ("emerald", "lime", "leaf-green"),
    "turquoise": ("teal", "aqua", "cyan"),
    "blue": ("azure", "sapphire", "cobalt", "royal blue"),
    "purple": ("violet", "lilac", "plum"),
    "pink": ("rosy", "rose-coloured", "bubblegum"),
    "brown": ("chestnut", "chocolate", "hazel"),
    "black": ("jet-black", "ebony", "coal-black"),
    "grey": ("gray", "silver", "ash-grey"),
    "white": ("ivory", "snow-white", "milk-white"),
}
EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "happy": ("smiling", "cheerful", "joyful", "merry", "glad", "laughing"),
    "sad": ("unhappy", "tearful", "crying", "gloomy", "miserable"),
    "surprised": ("astonished", "amazed", "startled", "shocked"),
    "angry": ("cross", "furious", "mad", "grumpy"),
    "sleepy": ("tired", "drowsy", "yawning", "weary"),
}
SIZES: dict[str, tuple[str, ...]] = {"small": ("little", "tiny", "wee"), "big": ("large", "huge", "giant")}
PATTERNS: dict[str, tuple[str, ...]] = {
    "striped": ("stripy", "stripey"),
    "spotted": ("dotted", "speckled", "spotty", "polka-dotted"),
}
MARKINGS = {"striped": "stripes", "spotted": "spots"}
"""What somebody with a pattern has."""
POSES: dict[str, tuple[str, ...]] = {
    "standing": ("upright", "on its feet"),
    "sitting": ("seated", "sitting down", "sitting on the ground"),
    "waving": ("waving hello", "saying hello", "greeting"),
    "jumping": ("leaping", "hopping", "in mid-air", "jumping for joy"),
    "sleeping": ("asleep", "napping", "dozing", "fast asleep", "snoozing"),
}
THINGS: dict[str, tuple[str, ...]] = {
    "top hat": ("topper", "tall hat", "stovepipe hat"),
    "party hat": ("birthday hat", "pointed hat"),
    "crown": ("golden crown", "royal crown"),
    "beanie": ("woolly hat", "bobble hat", "knitted cap"),
    "flower": ("blossom", "bloom"),
    "bow": ("ribbon", "hair bow"),
    "glasses": ("spectacles", "specs", "eyeglasses"),
    "sunglasses": ("shades", "dark glasses"),
    "scarf": ("muffler", "woolly scarf"),
    "bow tie": ("bowtie",),
    "cape": ("cloak", "superhero cape"),
    "balloon": ("toy balloon", "party balloon"),
    "sunflower": ("sunflower bloom",),
    "umbrella": ("brolly", "open umbrella"),
    "book": ("storybook", "novel"),
    "lantern": ("lamp", "glowing lantern"),
    "kite": ("paper kite", "flying kite"),
    "heart": ("love heart",),
    "cup": ("mug", "teacup", "steaming cup"),
    "house": ("cottage",),
    "tree": ("apple tree", "leafy tree"),
    "mushroom": ("toadstool",),
    "ball": ("bouncy ball", "toy ball"),
    "cake": ("birthday cake", "cream cake"),
    "boat": ("sailing boat", "sailboat", "ship"),
    "car": ("toy car", "automobile"),
    "rainbow": ("colourful rainbow", "bright rainbow"),
}

PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "meadow": (
        ("in a meadow", "in the meadow", "on a meadow"),
        ("in a field of flowers", "on a flowery hill", "in a grassy field", "in the grass"),
    ),
    "beach": (("on the beach", "at the beach", "on a beach"), ("by the sea", "at the seaside", "on the sand")),
    "forest": (("in the forest", "in a forest"), ("in the woods", "in a wood", "in the woodland")),
    "snow": (
        ("in the snow", "out in the snow", "in deep snow"),
        ("on a snowy hill", "in a winter landscape", "in a snowy land"),
    ),
    "desert": (("in the desert", "in a desert"), ("among the dunes", "among cactuses", "in the dunes")),
    "city": (
        ("in the city", "in a city", "on a street in the city"),
        ("in town", "on a town street", "downtown", "on a street"),
    ),
    "bedroom": (("in a bedroom", "in the bedroom", "in its bedroom"), ("in its room", "beside a bed")),
    "kitchen": (("in a kitchen", "in the kitchen", "in its kitchen"), ("by the stove", "beside a stove")),
    "garden": (
        ("in a garden", "in the garden", "in its garden"),
        ("in the backyard", "among vegetable beds", "between vegetable beds"),
    ),
    "mountains": (
        ("in the mountains", "in front of mountains", "up in the mountains"),
        ("in the alps", "among high peaks", "before snowy peaks"),
    ),
    "castle": (
        ("in front of a castle", "at a castle", "by the castle", "before a castle"),
        ("in front of a fortress", "by a palace", "before a royal palace"),
    ),
    "underwater": (
        ("underwater", "underwater, in the sea"),
        ("under water", "under the sea", "at the bottom of the sea", "in the ocean", "beneath the waves"),
    ),
    "space": (
        ("in space", "out in space", "in outer space"),
        ("on the moon", "among planets and stars", "on another planet"),
    ),
    "house": (
        ("in front of a house", "outside a house", "by the house", "at a house"),
        ("in front of a cottage", "outside its home", "at home, before the door"),
    ),
    "plain": (
        ("on a plain background", "against a plain background", "on a plain ground"),
        ("on an empty background", "with nothing behind", "against a simple backdrop"),
    ),
}
"""Setting -> phrases with its own word, and phrases without."""

TIMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "day": (
        ("by day", "during the day", "in the daytime", "on a day like any other"),
        ("in daylight", "at noon", "in the morning", "in the afternoon"),
    ),
    "sunset": (
        ("at sunset", "during sunset", "at sunset, before it gets dark"),
        ("at sundown", "at dusk", "in the evening", "in the evening glow", "as the sun goes down"),
    ),
    "night": (
        ("at night", "late at night", "during the night", "in the night"),
        ("at midnight", "in the moonlight", "after dark", "under the moon"),
    ),
}
WEATHERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rain": (
        ("in the rain", "in heavy rain", "while rain is falling", "in pouring rain"),
        ("in a downpour", "in a shower", "in wet weather"),
    ),
    "snowfall": (
        ("in snowfall", "during a snowfall", "in heavy snowfall"),
        ("while it is snowing", "as snowflakes fall", "in falling snow"),
    ),
    "fog": (("in fog", "in the fog", "in thick fog"), ("in the mist", "in thick mist", "in a haze")),
}

COMPANY: dict[str, tuple[str, ...]] = {
    "side by side": (
        "{first}, next to {second}",
        "{first} on the left and {second} on the right",
        "{first} to the left of {second}",
        "{second} to the right of {first}",
    ),
    "behind": ("{first}, behind {second}", "{first} at the back, behind {second}", "{second}, and behind it {first}"),
    "holding hands": ("{first}, holding hands with {second}", "{first}, hand in hand with {second}"),
    "bigger than": ("{first}, bigger than {second}", "{first}, much bigger than {second}"),
}
"""Relation -> how two noun phrases are put together, whatever clauses the first one has."""
COMPANY_OF_BARE: dict[str, tuple[str, ...]] = {
    "side by side": ("{first} and {second}", "{first} and {second} side by side", "{first} next to {second}"),
    "behind": (),
    "holding hands": ("{first} and {second} holding hands", "{first} hand in hand with {second}"),
    "bigger than": ("{first} and, much smaller, {second}",),
}
"""The same where the first has no clauses: it does not hold "a book and a dog"."""
THREE = (
    "{first} on the left, {second} in the middle and {third} on the right",
    "{first}, beside it {second}, and on the right {third}",
)
"""How three noun phrases are put together, whatever clauses they have."""
THREE_BARE = ("{first}, {second} and {third}", "{first}, {second} and {third}, from left to right")
"""The same where the first two have no clauses."""

STYLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "picture book": (
        (
            "a picture book illustration of",
            "a picture book drawing of",
            "a children's picture book illustration of",
            "a picture book page with",
            "a picture book scene with",
        ),
        ("a storybook picture of", "a children's illustration of", "a cartoon of"),
    ),
    "watercolour": (
        ("a watercolour illustration of", "a watercolour of", "a watercolour painting of", "a soft watercolour with"),
        ("a watercolor of", "an aquarelle of", "a watercolor painting of"),
    ),
    "crayon": (
        ("a crayon illustration of", "a crayon drawing of", "a child's crayon drawing of", "a crayon picture of"),
        ("a wax pastel drawing of", "a pastel drawing of"),
    ),
    "ink line": (
        ("an ink line illustration of", "an ink line drawing of", "an ink line picture with a light wash, showing"),
        ("a pen and ink drawing of", "a line drawing of", "an inked drawing of"),
    ),
    "pixel art": (
        ("a pixel art illustration of", "pixel art of", "a pixel art picture of", "retro pixel art of"),
        ("an 8-bit picture of", "a pixelated picture of"),
    ),
    "paper cut-out": (
        ("a paper cut-out illustration of", "a paper cut-out of", "a paper cut-out picture with"),
        ("a paper collage of", "a papercut of", "a layered paper picture of"),
    ),
    "sticker": (
        ("a sticker of", "a die-cut sticker of", "a sticker showing", "a sticker with"),
        ("a decal of",),
    ),
}
STYLE_ENDINGS: dict[str, tuple[str, ...]] = {
    "picture book": ("picture book", "in the style of a picture book", "picture book style"),
    "watercolour": ("watercolour", "in watercolour", "painted in watercolour"),
    "crayon": ("crayon", "drawn in crayon", "in crayon"),
    "ink line": ("ink line", "in ink line style", "drawn in ink line"),
    "pixel art": ("pixel art", "as pixel art", "in pixel art style"),
    "paper cut-out": ("paper cut-out", "as a paper cut-out", "in paper cut-out style"),
    "sticker": ("sticker", "as a sticker", "die-cut sticker"),
}

EXPRESSION_MORE: dict[str, tuple[str, ...]] = {
    "happy": ("It smiles from ear to ear.", "There is a smile on its face.", "Its mouth is open in a smile."),
    "sad": ("The corners of its mouth point down.", "It looks down in the mouth."),
    "surprised": ("Its mouth is a round O.", "Its mouth stands open."),
    "angry": ("It looks far from pleased.", "It is in a bad mood."),
    "sleepy": ("Its mouth is slightly open.", "It is about to yawn."),
}
EYES_MORE: dict[str, tuple[str, ...]] = {
    "happy": ("Its eyes shine.",),
    "sad": ("A tear runs down its face.", "Its eyelids are slanted."),
    "surprised": ("Its eyes are wide open.", "It stares with raised brows."),
    "angry": ("Its brows are drawn together.", "It frowns and glares."),
    "sleepy": ("Its eyelids droop.", "Its eyes are half closed.", "It can hardly keep its eyes open."),
}
"""True where no sunglasses hide eyes, brows and tears."""
TEETH_MORE: dict[str, tuple[str, ...]] = {"angry": ("It shows its teeth.", "Its teeth are gritted.")}
"""True of everybody without a beak."""
POSE_MORE: dict[str, tuple[str, ...]] = {
    "standing": ("It stands on both feet.", "It faces the viewer."),
    "sitting": ("Its feet point forward.", "It rests on the ground."),
    "waving": ("One arm is raised.", "It raises a hand in greeting."),
    "jumping": ("Its feet are off the ground.", "It is up in the air."),
    "sleeping": ("Its eyes are closed.", "Letters z rise above it.", "It lies on the ground."),
}
TIME_MORE: dict[str, tuple[str, ...]] = {
    "day": ("The sky is bright and the sun shines.", "The sun is high in the sky.", "The picture is bright."),
    "sunset": ("The sky glows and the sun is low.", "The low sun makes the sky glow."),
    "night": (
        "The moon and the stars are out.",
        "The sky is dark, with a crescent moon.",
        "Stars twinkle around the moon.",
    ),
}
WEATHER_MORE: dict[str, tuple[str, ...]] = {
    "rain": ("Dark clouds hang above and puddles lie on the ground.", "Drops fall from heavy clouds."),
    "snowfall": ("Flakes drift down everywhere.", "Flakes whirl through the air."),
    "fog": ("Everything far away is pale.", "The background fades into a veil."),
}
SETTING_MORE: dict[str, tuple[str, ...]] = {
    "meadow": ("Flowers grow in the grass.", "Gentle hills rise behind."),
    "beach": ("There is sand, a parasol and the sea.", "Waves roll in from the sea."),
    "forest": ("Tall firs stand all around.", "Ferns grow between the trunks."),
    "snow": ("Snowy firs stand on the hills.", "Snowy hills lie behind."),
    "desert": ("Tall cactuses stand in the sand.", "There are dunes, cactuses and rocks."),
    "city": ("Tall buildings with many windows line the street.", "Rows of windows look down on the street."),
    "bedroom": ("There is a bed, a rug and a window.", "A window shows the sky."),
    "kitchen": ("A pot steams on the stove.", "The floor is chequered and a shelf hangs on the wall."),
    "garden": ("Vegetables grow in raised beds by a fence.", "A path leads between the vegetables."),
    "mountains": ("Tall peaks rise behind.", "The peaks are high and steep."),
    "castle": ("The castle has towers, battlements and flags.", "Two towers with pointed roofs rise behind."),
    "underwater": ("Fish swim by and bubbles rise.", "Seaweed and coral grow on the sand."),
    "space": ("There are planets, stars and a rocket.", "A ringed planet hangs in the dark."),
    "house": ("The house has a door and a sloping roof.", "A path leads to the door."),
    "plain": ("There is nothing else in the picture.", "The background is empty."),
}
STYLE_MORE: dict[str, tuple[str, ...]] = {
    "picture book": (
        "The outlines are soft.",
        "The shapes are round and friendly.",
        "The colours are clean and lively.",
    ),
    "watercolour": (
        "The edges are soft and the paper shows.",
        "The paint has run here and there.",
        "The washes are light.",
    ),
    "crayon": ("The strokes are grainy.", "Rough wax strokes fill the shapes.", "The edges are rough."),
    "ink line": ("The outlines are drawn with a pen.", "Pen lines enclose light washes.", "Dark parts are hatched."),
    "pixel art": ("The pixels are coarse and square.", "There are few colours on a coarse grid."),
    "paper cut-out": ("The layers throw shadows.", "The shapes are cut from coloured paper."),
    "sticker": (
        "A thick contour runs all around.",
        "The sticker is cut out along its contour.",
        "The colours are clean and lively.",
    ),
}
ALWAYS_MORE = ("The drawing is charming.", "It is at the centre of attention.")

TEMPERS = ("kind", "brave", "gentle", "clever", "funny", "curious", "shy", "strong")
"""Words of character. They change nothing that is drawn; a painter that has met them is not put off by them."""
