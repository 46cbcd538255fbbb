"""A body to touch: triangles taken apart into a few convex pieces, always the same ones for the same triangles.

Pieces that are convex already (most furniture is boards and cushions) are found by themselves; what is left goes through CoACD.

Source: Wei et al., Approximate convex decomposition for 3D meshes with collision-aware concavity and tree search (2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lifeworld.core.errors import MissingExtra
from lifeworld.scene.formats.surface import Floats, Ints, Surface, least_first, thinned, welded

_MOST_PIECES = 400  # loose pieces looked at one by one; foliage has thousands and goes through as one
_MOST_TOGETHER = 24  # pieces taken apart one by one; more go through together
_MOST_FACES = 12_000  # given to CoACD
_MOST_PAIRS = 20_000_000  # of faces and hull planes compared
_MOST_PANEL_FACES, _MOST_PANELS = 400, 12
_BOARD = 0.01  # of the whole: the thickness of a board made from a sheet
_THIN = 0.002  # of the whole: thinner sheets get this much body


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """A convex piece: corners (n, 3), triangles (m, 3), volume, thinnest extent; `box` says that it fills its own upright box."""

    vertices: Floats
    faces: Ints
    volume: float
    thickness: float
    box: bool


def hull_of(points: Floats, *, thin: float) -> Hull | None:
    """The convex hull of `points` (n, 3); flat ones get `thin` of body along their normal. None if they are on a line."""
    ConvexHull, QhullError = _qhull()
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    spans = np.ptp((points - middle) @ axes.T, axis=0)
    if len(spans) < 3 or spans[1] < 1e-3 * thin:
        return None
    if spans[2] < thin:
        points = np.concatenate([points - axes[2] * thin / 2, points + axes[2] * thin / 2])
    try:
        hull = ConvexHull(points)
    except QhullError:
        return None
    used, faces = np.unique(hull.simplices, return_inverse=True)
    vertices, faces = hull.points[used], faces.reshape(-1, 3)
    inward = np.einsum("ij,ij->i", np.cross(*_edges(vertices, faces)), hull.equations[:, :3]) < 0
    faces[inward] = faces[inward][:, ::-1]
    fill = float(np.prod(np.ptp(vertices, axis=0)))
    return Hull(vertices, faces, float(hull.volume), max(float(spans[2]), thin), bool(hull.volume > 0.985 * fill))


def convex_parts(surfaces: list[Surface], *, most: int) -> list[Hull]:
    """At most `most` convex pieces that together cover the surfaces, largest first.

    Raises:
        MissingExtra: if something is not convex and `coacd` is not installed.
    """
    vertices, faces, size = _soup(surfaces)
    pieces, rest = _loose_pieces(vertices, faces), []
    hulls: list[Hull] = []
    boxes = np.array([[vertices[piece].min(axis=(0, 1)), vertices[piece].max(axis=(0, 1))] for piece in pieces])
    for i, piece in enumerate(pieces):
        hull = hull_of(vertices[np.unique(piece)], thin=_THIN * size)
        if hull is not None and len(pieces) > 1 and hull.volume < 1e-9 * size**3 and len(piece) < 4:
            continue  # a speck
        if hull is not None and _fills(vertices, piece, hull, size, np.delete(boxes, i, axis=0)):
            hulls.append(hull)
        elif panels := _panels(vertices, piece, size):
            hulls += panels
        else:
            rest.append(piece)
    if len(rest) > _MOST_TOGETHER:
        rest = [np.concatenate(rest)]
    # one by one is quicker, and finer: a piece that is closed by itself need not be remade first
    shares = np.array([np.linalg.norm(np.cross(*_edges(vertices, piece)), axis=1).sum() for piece in rest])
    left = max(most // 2, most - len(hulls))
    for piece, share in zip(rest, shares / max(float(shares.sum()), 1e-30), strict=True):
        hulls += _decomposed(vertices, piece, size, most=max(2, round(left * float(share))))
    hulls = _fewer(hulls, most, thin=_THIN * size)
    return sorted(hulls, key=lambda each: -each.volume)


def one_hull(surfaces: list[Surface]) -> list[Hull]:
    """The hull of everything."""
    vertices, _, size = _soup(surfaces)
    hull = hull_of(vertices, thin=_THIN * size)
    return [] if hull is None else [hull]


def one_box(surfaces: list[Surface]) -> list[Hull]:
    """The upright box of everything."""
    vertices, _, size = _soup(surfaces)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    high = np.maximum(high, low + _THIN * size)
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    hull = hull_of(corners, thin=_THIN * size)
    return [] if hull is None else [hull]


def _soup(surfaces: list[Surface]) -> tuple[Floats, Ints, float]:
    starts = np.cumsum([0, *(len(each.vertices) for each in surfaces[:-1])])
    vertices = np.concatenate([each.vertices for each in surfaces])
    faces = np.concatenate([each.faces + start for each, start in zip(surfaces, starts, strict=True)])
    used = vertices[np.unique(faces)]
    size = float(np.max(np.ptp(used, axis=0)))
    vertices, faces = welded(vertices, faces, max(size * 1e-5, 1e-9))
    return vertices, np.unique(least_first(faces), axis=0), size  # drawn twice is there once


def _loose_pieces(vertices: Floats, faces: Ints) -> list[Ints]:
    """Faces that hang together by shared vertices, as lists of faces; all as one if there are too many."""
    label = np.arange(len(vertices))
    while True:  # each face pulls its corners to the least label; doubling the links makes long chains quick
        least = label[faces].min(axis=1)
        new = label.copy()
        np.minimum.at(new, faces.ravel(), np.repeat(least, 3))
        new = new[new]
        if np.array_equal(new, label):
            break
        label = new
    roots, to = np.unique(label[faces[:, 0]], return_inverse=True)
    if len(roots) > _MOST_PIECES:
        return [faces]
    order = np.argsort(to, kind="stable")
    return np.split(faces[order], np.cumsum(np.bincount(to))[:-1])


def _fills(vertices: Floats, piece: Ints, hull: Hull, size: float, others: Floats) -> bool:
    """Whether a piece is the skin of its own hull, and solid: no face of it lies inside, and nothing can be put into it.

    Makers leave out faces nobody sees (under a foot, where a leg meets the seat); such a piece is solid. One that is open above,
    with nothing of `others` (k, 2, 3; their boxes) over it, is a tray or a cup.
    """
    hull_normals = np.cross(*_edges(hull.vertices, hull.faces))
    hull_area = 0.5 * np.linalg.norm(hull_normals, axis=1)
    area = 0.5 * np.linalg.norm(np.cross(*_edges(vertices, piece)), axis=1)
    whole = max(float(hull_area.sum()), 1e-30)
    sheet = hull.volume < _THIN * size * whole  # its hull was given body; it has one side or two
    if area.sum() > 1.15 * whole or area.sum() < (0.4 if sheet else 0.5) * whole:
        return False
    keep = hull_area > 1e-12 * size**2
    planes, hull_area = hull_normals[keep] / (2.0 * hull_area[keep])[:, None], hull_area[keep]
    depth = np.einsum("ij,ij->i", planes, hull.vertices[hull.faces[keep][:, 0]])
    centres = vertices[piece].mean(axis=1)
    if len(centres) * len(planes) > _MOST_PAIRS:
        return False  # nothing so finely drawn is a board or a cushion
    under = depth[None, :] - centres @ planes.T  # how far under each plane of the skin each face's centre lies
    low, high = hull.vertices.min(axis=0), hull.vertices.max(axis=0)
    if under.min(axis=1).max() >= 0.02 * float(np.max(high - low)):
        return False
    if sheet:
        return True
    if _closed(piece):  # solid if it holds about what its hull does, else two skins with an inside
        corners = vertices[piece] - (low + high) / 2
        held = abs(float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum())) / 6.0
        return held > 0.7 * hull.volume
    up = planes[:, 2] > 0.5
    if area[up[under.argmin(axis=1)]].sum() > 0.5 * hull_area[up].sum():
        return True
    middle = (low + high) / 2
    over = (others[:, 0, :2] < middle[:2]) & (middle[:2] < others[:, 1, :2])
    at = (others[:, 0, 2] < high[2] + 0.02 * size) & (high[2] - 0.02 * size < others[:, 1, 2])
    return bool((over.all(axis=1) & at).any())


def _panels(vertices: Floats, piece: Ints, size: float) -> list[Hull]:
    """An open piece made of a few flat convex sheets (a drawer, a cupboard without its front) as thin boards; empty if it is not.

    The boards grow inwards: what looks out of the piece stays where it is drawn.
    """
    if len(piece) > _MOST_PANEL_FACES or _closed(piece):
        return []
    normals = np.cross(*_edges(vertices, piece))
    areas = np.linalg.norm(normals, axis=1)
    piece, normals, areas = piece[areas > 1e-12 * size**2], normals[areas > 1e-12 * size**2], areas[areas > 1e-12 * size**2]
    normals /= areas[:, None]
    normals *= np.where(normals[np.arange(len(normals)), np.abs(normals).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]  # either side
    offsets = np.einsum("ij,ij->i", normals, vertices[piece[:, 0]]) / size
    planes, to = np.unique(np.round(np.column_stack([normals, offsets]) * 500).astype(np.int64), axis=0, return_inverse=True)
    if len(planes) > _MOST_PANELS:
        return []
    corners = vertices[np.unique(piece)]
    low, high = corners.min(axis=0), corners.max(axis=0)
    boards = []
    for i in range(len(planes)):
        own = np.flatnonzero(to.reshape(-1) == i)
        points = vertices[np.unique(piece[own])]
        flat = hull_of(points, thin=_BOARD * size)
        if flat is None or 0.5 * areas[own].sum() < 0.85 * flat.volume / (_BOARD * size):
            return []  # not one convex sheet
        board = hull_of(flat.vertices.clip(low, high), thin=_BOARD * size / 2)
        if board is None:
            return []
        boards.append(board)
    return boards


def _closed(faces: Ints) -> bool:
    """Whether every edge is shared by two faces or more."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    return bool(counts.min() >= 2)


def _decomposed(vertices: Floats, faces: Ints, size: float, *, most: int) -> list[Hull]:
    try:
        import coacd
    except ImportError as error:
        raise MissingExtra("taking a mesh apart into convex pieces (coacd)", "formats") from error
    [surface] = thinned([Surface("", vertices, faces)], _MOST_FACES)
    coacd.set_log_level("off")
    # Measured: a twentieth of the time of CoACD's defaults for furniture, and pieces as good for touching. What is open must be
    # remade as a solid first, with many times the faces: there a coarser search is worth its time.
    closed = _closed(surface.faces)
    pieces = coacd.run_coacd(
        coacd.Mesh(surface.vertices, surface.faces.astype(np.int32)),
        threshold=0.1,
        max_convex_hull=most,
        preprocess_mode="auto",
        preprocess_resolution=20,
        resolution=1000 if closed else 500,
        mcts_nodes=10,
        mcts_iterations=60 if closed else 20,
        mcts_max_depth=2 if closed else 1,
        seed=0,
    )
    # it closes open meshes by giving them a skin, which must not stand out under the feet
    low, high = vertices[np.unique(faces)].min(axis=0), vertices[np.unique(faces)].max(axis=0)
    hulls = [hull_of(np.asarray(each[0], dtype=float).clip(low, high), thin=_THIN * size) for each in pieces]
    return [each for each in hulls if each is not None]


def _fewer(hulls: list[Hull], most: int, *, thin: float) -> list[Hull]:
    """Pieces joined, always the two whose common box grows least, until there are few enough."""
    hulls = list(hulls)
    while len(hulls) > most:
        low = np.array([h.vertices.min(axis=0) for h in hulls])
        high = np.array([h.vertices.max(axis=0) for h in hulls])
        both = np.prod(np.maximum(high[:, None], high) - np.minimum(low[:, None], low) + thin, axis=2)
        own = np.prod(high - low + thin, axis=1)
        growth = both - own[:, None] - own[None, :]
        growth[np.tril_indices(len(hulls))] = np.inf
        i, j = np.unravel_index(int(np.argmin(growth)), growth.shape)
        joint = hull_of(np.concatenate([hulls[i].vertices, hulls[j].vertices]), thin=thin)
        hulls = [h for k, h in enumerate(hulls) if k not in (i, j)] + ([joint] if joint is not None else [])
    return hulls


def _edges(vertices: Floats, faces: Ints) -> tuple[Floats, Floats]:
    corners = vertices[faces]
    return corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]


def _qhull() -> tuple[Any, Any]:
    try:
        from scipy.spatial import ConvexHull, QhullError
    except ImportError as error:
        raise MissingExtra("reading meshes (scipy)", "formats") from error
    return ConvexHull, QhullError
