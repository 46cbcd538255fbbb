"""What can be observed: `Signal`, what a name means; `SIGNALS`, the table of all, a family a file; `Stream`, a signal over time;
`Stored`, values that are read when asked for.

An engine lists the names it has in its spec; asking it for another raises SignalUnavailable. docs/signals.md is written from here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from lifeworld.core.signal.be import BE
from lifeworld.core.signal.hear import HEAR, RATE_HZ
from lifeworld.core.signal.log import LOG
from lifeworld.core.signal.range import RANGE
from lifeworld.core.signal.rows import (
    CAPTION_DTYPE,
    CONTACT_DTYPE,
    EVENT_DTYPE,
    FACT_DTYPE,
    HAPPENED_DTYPE,
    IMPULSE_DTYPE,
    PHASE_DTYPE,
    PIXEL_EVENT_DTYPE,
    QUESTION_DTYPE,
)
from lifeworld.core.signal.see import SEE
from lifeworld.core.signal.signal import FAMILIES, Blend, Family, Per, Rate, Signal, stream_name
from lifeworld.core.signal.stored import Index, Stored
from lifeworld.core.signal.stream import Stream
from lifeworld.core.signal.tell import TELL
from lifeworld.core.signal.touch import TOUCH

__all__ = [
    "CAPTION_DTYPE",
    "CONTACT_DTYPE",
    "EVENT_DTYPE",
    "FACT_DTYPE",
    "FAMILIES",
    "HAPPENED_DTYPE",
    "IMPULSE_DTYPE",
    "PHASE_DTYPE",
    "PIXEL_EVENT_DTYPE",
    "QUESTION_DTYPE",
    "RATE_HZ",
    "SIGNALS",
    "Blend",
    "Family",
    "Index",
    "Per",
    "Rate",
    "Signal",
    "Stored",
    "Stream",
    "stream_name",
]

SIGNALS: Mapping[str, Signal] = MappingProxyType({s.name: s for s in (*SEE, *TOUCH, *HEAR, *RANGE, *TELL, *BE, *LOG)})
"""Every signal there is, by name."""
