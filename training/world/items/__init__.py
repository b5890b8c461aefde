"""Things to wear and to hold, each drawn once for every kind through the kind's anchors.

Items are outlined in the deepest shade of their colour, so that a red scarf stays visible on a red bear.
"""

from training.world.items.eyewear import draw_eyewear
from training.world.items.headwear import draw_headwear
from training.world.items.held import draw_held
from training.world.items.neckwear import draw_cape, draw_neckwear

__all__ = ["draw_cape", "draw_eyewear", "draw_headwear", "draw_held", "draw_neckwear"]
