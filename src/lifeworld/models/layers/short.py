"""Whether numbers of 16 bits are the faster ones: only where the device multiplies them itself.

Another one turns every one of them into 32 bits and back. An AMD EPYC of 2021, in this like most laptops, learned eleven times
more slowly in bfloat16 than in float32, and dreamed four to five times more slowly (22 November 2026).
"""

from __future__ import annotations

from functools import cache

import torch

MULTIPLIES = ("avx512_bf16", "amx_bf16")
"""What a processor says that does. Those of ARM may too; nobody has measured here whether it pays."""


def dtype_on(device: torch.device) -> torch.dtype:
    """The numbers that networks multiply fastest on a device: bfloat16, or float32."""
    return torch.bfloat16 if _multiplies(device.type) else torch.float32


def shortened(device: torch.device, *, wanted: bool = True) -> torch.autocast:
    """A context in which networks multiply numbers of 16 bits, if they are wanted and faster on this device."""
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted and dtype_on(device) is torch.bfloat16)


@cache
def _multiplies(kind: str) -> bool:
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities() if kind == "cpu" else {}
    return any(bool(able.get(name)) for name in MULTIPLIES)
