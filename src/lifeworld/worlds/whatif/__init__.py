"""What if: fork what happened, change one thing, see what would have been, and say why (docs/whatif.md)."""

from lifeworld.worlds.whatif.cause import Because, because, why
from lifeworld.worlds.whatif.change import Change, change_of
from lifeworld.worlds.whatif.divergence import Divergence, divergence
from lifeworld.worlds.whatif.film import overlay, side_by_side, strip
from lifeworld.worlds.whatif.report import as_json, told
from lifeworld.worlds.whatif.whatif import WhatIf, whatif

__all__ = [
    "Because",
    "Change",
    "Divergence",
    "WhatIf",
    "as_json",
    "because",
    "change_of",
    "divergence",
    "overlay",
    "side_by_side",
    "strip",
    "told",
    "whatif",
    "why",
]
