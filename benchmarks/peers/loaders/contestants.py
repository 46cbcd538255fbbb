"""Who takes part, from which environment, by which script; and for whom the bars of issue 4 are set."""

from __future__ import annotations

from dataclasses import dataclass

WARM_BAR, COLD_BAR = 3.0, 1.5
"""How many times as fast as the best judged peer ours must be: once all has been read, and in the first epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One row of the table. `environment` None is ours; `writes` who needs the corpus in a form of its own.

    The bars are held against the `judged`: those the issue names. The others are shown beside them: readers of raw arrays, which no
    video archive is (their bytes say so). Who is not `usual` takes part with `--all` or by name: no faster than a sibling, or one more way
    to read raw frames.
    """

    name: str
    script: str
    environment: str | None
    words: tuple[str, ...] = ()
    writes: bool = True
    judged: bool = True
    usual: bool = True
    workers: tuple[int, ...] = (0, 1, 2)


OURS = "ours"
CONTESTANTS = (
    Contestant(name=OURS, script="ours.py", environment=None, writes=False, judged=False, workers=(0,)),
    Contestant(name="ours-blocks", script="ours.py", environment=None, words=("blocks",), writes=False, judged=False, workers=(0,)),
    Contestant(
        name="ours-uncached", script="ours.py", environment=None, words=("uncached",), writes=False, judged=False, usual=False, workers=(0,)
    ),
    Contestant(name="pyav", script="peer_pyav.py", environment="pyav", writes=False),
    Contestant(name="lerobot", script="peer_lerobot.py", environment="lerobot", writes=False),
    Contestant(name="lerobot-av1", script="peer_lerobot.py", environment="lerobot", words=("av1",), usual=False),
    Contestant(name="swm-lance", script="peer_swm.py", environment="swm", words=("lance",)),
    Contestant(name="swm-hdf5", script="peer_swm.py", environment="swm", words=("hdf5",)),
    Contestant(name="swm-video", script="peer_swm.py", environment="swm", words=("video",)),
    Contestant(name="swm-folder", script="peer_swm.py", environment="swm", words=("folder",), usual=False),
    Contestant(name="episodata", script="peer_episodata.py", environment="episodata"),
    Contestant(name="webdataset", script="peer_webdataset.py", environment="webdataset"),
    Contestant(name="webdataset-npy", script="peer_webdataset.py", environment="webdataset", words=("npy",), usual=False),
    Contestant(name="grain", script="peer_grain.py", environment="grain", judged=False, usual=False),
    Contestant(name="h5py", script="peer_h5py.py", environment="h5py", judged=False),
)
