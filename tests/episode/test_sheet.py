"""Contact sheets: colours say what the numbers say, every signal finds its place, and no size, name or number of cameras breaks a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.core.origin import Provenance
from lifeworld.core.pose import Pose
from lifeworld.core.signal import CAPTION_DTYPE, CONTACT_DTYPE, PIXEL_EVENT_DTYPE, SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import cameras, colors, depth_colors, frame_sheet, id_colors, overlay, paper, sheet, sound
from lifeworld.episode.sheet.frame import SEEN
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.panel import PANELS
from lifeworld.episode.sheet.sensed import SENSED, ring

FRAMES, FRAME_NS, TICK_NS = 4, 40_000_000, 20_000_000


def an_episode(
    *,
    names: tuple[str, ...] = ("front",),
    size: tuple[int, int] = (60, 80),
    things: tuple[str, ...] = ("mug", "table", "ball"),
    only: set[str] | None = None,
    title: str = "A table",
    **made: Any,
) -> Episode:
    """Discs of which each hides the last, that move 3 px to the right a frame before a slanting wall: every signal a sheet can draw."""
    streams: dict[str, Stream] = {}

    def add(signal: str, source: str, values: list[Any], step_ns: int = FRAME_NS) -> None:
        if only is None or signal in only:
            name = f"{signal}@{source}" if source else signal
            kind = SIGNALS[signal]
            held = values if kind.ragged else np.stack([np.asarray(v, kind.dtype) for v in values])
            streams[name] = Stream(kind, np.arange(len(values)) * step_ns, held, origin="simulated", source=source)

    for name in names:
        frames = [a_frame(size, len(things), t) for t in range(FRAMES)]
        for signal in frames[0]:
            add(signal, name, [frame[signal] for frame in frames])
        ticks = 2 * FRAMES - 1
        wave = np.sin(np.arange(ticks * 960) * 2 * np.pi * 1000 / 48_000) * np.exp(-np.arange(ticks * 960) / 2000)
        add("audio_mono", name, list(wave.reshape(ticks, 960)), TICK_NS)
        add("audio_stereo", name, list(np.stack([wave, 0.3 * wave], axis=1).reshape(ticks, 960, 2)), TICK_NS)
    contact = np.zeros(2, CONTACT_DTYPE)
    contact["position_m"], contact["normal"], contact["force_n"] = [[0, 0, 0], [0.3, 0.1, 0]], [0, 0, 1], [3.0, 0.2]
    add("contacts", "", [contact] * FRAMES)
    box = [[0.4 * i, 0, 0, 1, 0, 0, 0, 0.3, 0.3, 0.3] for i in range(len(things))]
    add("box_3d", "", [box] * FRAMES)
    add("captions", "", [np.array(["The mug is on the table."], CAPTION_DTYPE)] * FRAMES)
    azimuth, up = (g.ravel() for g in np.meshgrid(np.linspace(-np.pi, np.pi, 64, endpoint=False), np.linspace(-0.2, 0.2, 8)))
    toward = np.stack([np.cos(up) * np.cos(azimuth), np.cos(up) * np.sin(azimuth), np.sin(up)], axis=1)
    way = np.where(np.abs(azimuth) < 2.5, 2 + np.cos(azimuth), np.nan)
    for signal, values in (
        ("lidar_range_m", way),
        ("lidar_ids", np.where(np.isnan(way), 0, 1 + (azimuth > 0))),
        ("lidar_normals", np.where(np.isnan(way)[:, None], np.nan, -toward)),
        ("lidar_intensity", np.nan_to_num(1 / way**2)),
    ):
        add(signal, "scanner", [values] * FRAMES)
    add("lidar_directions", "scanner", [toward])
    row, column = np.mgrid[:12, :4]
    press = np.exp(-((row - 4) ** 2 + (column - 2) ** 2) / 4)
    add("tactile_n", "finger", [np.stack([0.3 * press, 0.1 * press, press], axis=-1)] * (2 * FRAMES - 1), TICK_NS)
    legend = {
        "instance_ids": ("background", *things),
        "part_ids": ("background", *(f"{thing}/{part}" for thing in things for part in ("body", "handle"))),
        "semantic_ids": ("background", *sorted(set(things))),
    }
    provenance = Provenance.now(engine="physics", engine_version="mujoco 4.0.0", renderer=made.get("renderer", "egl"), seed=7)
    return Episode(streams=streams, provenance=provenance, title=title, legend=legend)


def a_frame(size: tuple[int, int], things: int, t: int) -> dict[str, np.ndarray]:
    high, wide = size
    y, x = np.mgrid[:high, :wide] + 0.5
    bits = np.zeros((high, wide, (things + 7) // 8), np.uint8)
    ids, depth, radius = np.zeros(size, np.int32), 3 + y / high, max(min(size) / 4, 1.0)
    for i in range(things):
        disc = np.hypot(x - wide * (i + 1) / (things + 2) - 3 * t, y - high / 2) <= radius
        bits[..., i // 8] |= (disc << (i % 8)).astype(np.uint8)
        ids[disc], depth[disc] = i + 1, 2 - i / (things + 1)
    depth[0] = np.inf
    seen = np.isfinite(depth)
    flow = np.where(ids[..., None] > 0, [3.0, 0.0], 0.0)
    flow[~seen] = np.nan
    whole = np.array([((bits[..., i // 8] >> i % 8) & 1).sum() for i in range(things)])
    counts = np.array([(ids == i + 1).sum() for i in range(things)])
    boxes = np.full((things, 4), np.nan)
    for i in range(things):
        v, u = np.nonzero(ids == i + 1)
        if len(v):
            boxes[i] = u.min(), v.min(), u.max() + 1, v.max() + 1
    rgb = np.clip(id_colors(ids) * (0.6 + 0.4 * x / wide)[..., None], 0, 255).astype(np.uint8)
    pose = Pose.look_at((0.3, -2.5, 1.0), (0.3, 0, 0))
    events = np.zeros(5 if t else 0, PIXEL_EVENT_DTYPE)
    if t:
        events["x"], events["y"], events["polarity"] = np.arange(5) % wide, np.arange(5) % high, [1, 1, -1, -1, 1]
    return {
        **dict.fromkeys(("rgb", "rgb_blurred", "rgb_noisy"), rgb),
        **dict.fromkeys(("depth_m", "depth_noisy_m"), depth),
        "normals": np.where(seen[..., None], [0.0, -0.6, -0.8], np.nan),
        "object_coords_m": np.where(seen[..., None], np.stack([x / 50, y / 50, depth], axis=-1), np.nan),
        "instance_ids": ids,
        "part_ids": np.where(ids > 0, 2 * ids - (y < high / 2), 0),
        "semantic_ids": ids,
        **dict.fromkeys(("flow_forward", "flow_backward"), flow),
        **dict.fromkeys(("occluded_forward", "occluded_backward"), x > wide - 4),
        "scene_flow_m": np.where(seen[..., None], np.pad(flow, ((0, 0), (0, 0), (0, 1))) / 100, np.nan),
        "amodal_bits": bits,
        "visible_fraction": counts / np.where(whole > 0, whole, np.nan),
        **dict.fromkeys(("box_2d_px", "box_2d_amodal_px"), boxes),
        "camera_pose": np.concatenate([pose.position_m, pose.quat_wxyz]),
        "camera_intrinsics_px": np.array([wide, wide, wide / 2, high / 2]),
        "pixel_events": events,
    }


# colours


def test_amounts_grow_lighter_and_distances_darker() -> None:
    for table, way in ((colors.MAGNITUDE, 1), (colors.NEAR_TO_FAR, -1), (colors.HEAT, -1)):
        lightness = colors.through(table, np.linspace(0, 1, 50)) @ np.array([0.2126, 0.7152, 0.0722])
        assert (way * np.diff(lightness) > -1.0).all()
    assert tuple(colors.through(colors.MAGNITUDE, [np.nan])[0]) == colors.VOID


def test_a_color_of_even_lightness_is_the_srgb_it_should_be() -> None:
    """White, black and the three primaries, whose OKLCH coordinates are published with the space."""
    known = [
        ((1.0, 0.0, 0.0), (255, 255, 255)),
        ((0.0, 0.0, 0.0), (0, 0, 0)),
        ((0.627955, 0.257683, 29.2339), (255, 0, 0)),
        ((0.866440, 0.294827, 142.4953), (0, 255, 0)),
        ((0.452014, 0.313214, 264.0520), (0, 0, 255)),
    ]
    for lch, rgb in known:
        assert np.abs(colors.oklch(*lch).astype(int) - rgb).max() <= 1


def test_near_is_light_and_what_is_not_known_is_void() -> None:
    shown = depth_colors(np.array([[0.5, 1.0, 2.0, np.nan, np.inf]], np.float32), (0.5, 2.0)).astype(int)[0]
    assert shown[0].sum() > shown[1].sum() > shown[2].sum()
    assert tuple(shown[3]) == tuple(shown[4]) == colors.VOID
    assert (depth_colors(np.full((2, 2), np.nan, np.float32)) == colors.VOID).all()
    depth = next(panel for panel in PANELS if panel.signal == "depth_m")
    assert depth.key(colors.depth_range(np.array([np.nan, np.inf]))) == paper.Words("no distance is known")


def test_names_near_each_other_have_colors_far_apart() -> None:
    table = id_colors(np.arange(40, dtype=np.int32)).astype(int)
    assert len(np.unique(table, axis=0)) == 40
    assert np.linalg.norm(np.diff(table, axis=0), axis=1).min() > 60
    assert tuple(table[0]) == colors.GROUND
    assert (
        id_colors(np.array([7, 300], np.int32)) == [id_colors(np.array([7], np.int32))[0], id_colors(np.array([300], np.int32))[0]]
    ).all()


def test_parts_share_the_hue_of_their_thing() -> None:
    parts = colors.part_colors(("background", "mug/body", "mug/handle", "tin/body"), ("background", "mug", "tin")).astype(float)
    assert tuple(parts[0]) == colors.GROUND
    assert np.abs(parts[1] - parts[2]).max() > 40

    def direction(color: np.ndarray) -> np.ndarray:
        off = color - color.mean()
        return off / np.linalg.norm(off)

    assert direction(parts[1]) @ direction(parts[2]) > direction(parts[1]) @ direction(parts[3])


def test_flow_is_grey_where_nothing_moves_and_turns_with_the_direction() -> None:
    flow = np.array([[0, 0], [4, 0], [0, 4], [-4, 0], [0, -4], [8, 0], [np.nan, 0]], np.float32)
    still, *ways, beyond, unknown = colors.flow_colors(flow, 4.0).astype(int)
    assert still.min() > 220
    assert np.ptp(still) < 3
    assert all(np.abs(a - b).max() > 80 for i, a in enumerate(ways) for b in ways[:i])
    assert tuple(beyond) == tuple(ways[0])  # no farther than the wheel goes
    assert tuple(unknown) == colors.VOID


def test_normals_are_colored_as_the_ball_of_the_key() -> None:
    toward, right, up, none = colors.normal_colors(np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0], [np.nan] * 3], np.float32)).tolist()
    assert toward == [128, 128, 240]
    assert right == [240, 128, 128]
    assert up == [128, 240, 128]
    assert tuple(none) == colors.VOID


# pages


def colored(page: Image.Image, color: tuple[int, int, int]) -> int:
    """How many pixels of a page have a colour."""
    return int((np.asarray(page) == color).all(axis=-1).sum())


def test_every_signal_in_colors_finds_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(paper, "lettered", lambda _draw, _at, text, *_: written.append(text))
    everything = an_episode()
    frame_sheet(everything)
    on_frame, written[:] = " ".join(written), []
    sheet(everything)
    drawn = {p.signal for p in (*SEEN, *SENSED)} | {"visible_fraction", "box_2d_amodal_px", "audio_mono", "audio_stereo"}
    visual = {s.name for s in SIGNALS.values() if s.shape[:2] == ("height", "width")}
    assert visual <= drawn
    for signal in drawn:
        assert signal in on_frame
        assert signal in " ".join(written)


@pytest.mark.parametrize("panel", [*SEEN, *SENSED], ids=lambda p: p.signal)
def test_each_panel_draws_alone_and_needs_only_what_it_says(panel: Any) -> None:
    episode = an_episode(only={panel.signal, *panel.needs})
    source = "front" if panel in SEEN else "finger" if panel.signal == "tactile_n" else "scanner"
    glance = Glance(episode, source, 2 * FRAME_NS)
    assert panel.of(glance)
    for size in ((320, 240), (64, 48)):
        picture = panel.draw(glance, panel.scale([glance]), size)
        assert (picture.mode, picture.size) == ("RGB", size)
    for missing in (panel.signal, *panel.needs):
        assert not panel.of(Glance(an_episode(only={panel.signal, *panel.needs} - {missing}), source, 2 * FRAME_NS))


def test_a_panel_shows_the_newest_value_of_its_moment() -> None:
    episode = an_episode()
    ids = episode["instance_ids@front"].values
    for at, index in ((0, 0), (FRAME_NS - 1, 0), (FRAME_NS, 1), (10 * FRAME_NS, 3)):
        assert (Glance(episode, "front", at)["instance_ids"] == ids[index]).all()
    assert "instance_ids" not in Glance(episode, "side", 0)
    assert "contacts" in Glance(episode, "side", 0)


def test_pictures_keep_their_colors_on_the_page() -> None:
    """Twice as large as the camera's, every pixel is four: the page holds exactly four times as many of each thing's colour."""
    episode = an_episode(only={"instance_ids"}, size=(60, 80))
    page = frame_sheet(episode, at_ns=0, width_px=160)
    for instance in (1, 2, 3):
        color = tuple(id_colors(np.array([instance], np.int32))[0].tolist())
        count = int((episode["instance_ids@front"].values[0] == instance).sum())
        assert colored(page, color) == 4 * count + 81  # and its chip of 9 × 9 at the foot


def test_what_is_hidden_is_hatched_and_outlined() -> None:
    episode = an_episode(only={"amodal_bits", "instance_ids"})
    glance = Glance(episode, "front", 0)
    panel = next(p for p in SEEN if p.signal == "amodal_bits")
    picture = np.asarray(panel.draw(glance, (0, 1), (80, 60)))
    bits, ids = glance["amodal_bits"][..., 0], glance["instance_ids"]
    color = id_colors(np.array([1], np.int32))[0]
    first = (picture == color).all(axis=-1)
    assert 0.2 < first[((bits & 1) > 0) & (ids == 2)].mean() < 0.8
    assert not first[(bits & 1) == 0].any()
    assert first[overlay.rim((bits & 1) > 0) & (ids == 1)].all()
    assert overlay.instances(glance["amodal_bits"]) == [1, 2, 3]


def test_a_line_is_cut_where_it_passes_behind_the_camera() -> None:
    ends = overlay.before(np.array([0.0, 0, -1]), np.array([0.0, 2, 1]))
    assert ends is not None
    np.testing.assert_allclose(ends, [[0, 1 + overlay.NEAR_M, overlay.NEAR_M], [0, 2, 1]])
    assert overlay.before(np.array([0.0, 0, -1]), np.array([0.0, 2, -2])) is None


@pytest.mark.parametrize("count", range(1, 9))
def test_one_to_eight_cameras_fit(count: int) -> None:
    names = tuple(f"camera_{i}" for i in range(count))
    episode = an_episode(names=names, only={"rgb", "instance_ids"})
    assert cameras(episode) == list(names)
    page = sheet(episode)
    assert page.width < 1900
    for color in id_colors(np.array([1, 2, 3], np.int32)).tolist():
        assert colored(page, tuple(color)) > 100 * count


@given(
    high=st.integers(1, 90),
    wide=st.integers(1, 90),
    name=st.from_regex(r"[a-z][a-z_0-9]{0,63}", fullmatch=True),
    count=st.integers(1, 40),
    title=st.text(max_size=80),
)
@settings(max_examples=8, deadline=None)
def test_no_size_name_or_title_breaks_a_page(high: int, wide: int, name: str, count: int, title: str) -> None:
    things = tuple(f"{name[:60]}{i}" for i in range(count))
    episode = an_episode(names=(name,), size=(high, wide), things=things, title=title)
    width = frame_sheet(episode, width_px=120).width
    assert width == 4 * 120 + 3 * paper.GUTTER + 2 * paper.MARGIN
    sheet(episode)


def test_words_are_cut_to_their_room_and_written_in_letters_that_are_there() -> None:
    assert paper.plain("Schöne Küche, 3 m² → 世界") == "Schone Kuche, 3 m2 to"
    for room in (0, 20, 50, 100, 400):
        assert paper.width(paper.fitted("a name that is rather long", paper.NAME, room), paper.NAME) <= room
    assert paper.fitted("short", paper.NAME, 400) == "short"


def test_labels_do_not_overlap() -> None:
    """Of forty words wanted around one small place, those that find room are whole: the mark of each is there, and none is covered."""
    picture = Image.new("RGB", (320, 240), (0, 0, 0))
    box = (150.0, 110.0, 170.0, 130.0)
    paper.labels(picture, [paper.Label((160.0, 120.0), box, f"thing {i}", (255, 0, 0)) for i in range(40)])
    marks = (np.asarray(picture) == (255, 0, 0)).all(axis=-1)
    drawn = marks.sum() / (3 * (paper.SMALL + 5))  # each mark is 3 px wide and as high as its word
    assert drawn == round(drawn) == 4


def test_sound_is_drawn_where_it_is_loud_and_at_its_pitch() -> None:
    episode = an_episode(only={"audio_mono", "rgb"})
    shown = sound.spectrum(np.asarray(episode["audio_mono@front"].values).ravel().astype(float), 50, 200).astype(int).sum(axis=-1)
    loudest = np.argmax(shown[:, 5])
    pitch = sound.LOW_HZ * (sound.HIGH_HZ / sound.LOW_HZ) ** (1 - loudest / 199)
    assert 900 < pitch < 1100
    silent = Stream(SIGNALS["audio_mono"], [0], np.zeros((1, 960), np.float32), origin="simulated", source="front")
    assert sound.strip(silent, 100, None).size == (100, sound.height(silent))


def test_rings_are_round_numbers_of_which_a_few_fit() -> None:
    for reach in np.geomspace(0.1, 300, 50):
        assert 2 <= reach / ring(float(reach)) < 5.01


def test_the_head_says_where_the_pictures_are_from(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(paper, "lettered", lambda _draw, _at, text, *_: written.append(text))
    frame_sheet(an_episode(renderer="rays", names=("front", "side")), camera="side", at_ns=FRAME_NS)
    head = " ".join(written)
    assert "camera side (of 2)" in head
    assert "0.04 s of 0.12 s" in head
    assert "simulated by mujoco 4.0.0" in head
    assert "shaded rays, without OpenGL" in head
    assert "The mug is on the table." in head


def test_what_cannot_be_drawn_is_an_error_that_says_so() -> None:
    nothing = an_episode(only={"captions"})
    for draw in (sheet, frame_sheet):
        with pytest.raises(InputError, match="Record it with the signals rgb"):
            draw(nothing)
    with pytest.raises(UnknownName, match="Did you mean 'front'"):
        frame_sheet(an_episode(), camera="fornt")
    with pytest.raises(InputError, match="no such moment"):
        frame_sheet(an_episode(), at_ns=10**12)
    assert {p.signal for p in PANELS} < {p.signal for p in SEEN}
