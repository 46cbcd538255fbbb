"""Cameras project as OpenCV's do (half a pixel apart), and what is projected can be had back."""

from __future__ import annotations

import math

import cv2
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lifeworld.core.camera import MOST_PIXELS, OPENCV_FROM_OPENGL, Camera, flow_from_depth, opencv_from_opengl, opengl_from_opencv
from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.core.pose import Pose, quat_from_rotation_vector, xyzw_from_wxyz

HALF_PIXEL = 0.5
"""OpenCV's pixel centres are whole numbers, ours are at halves: ours = theirs + 0.5, also for cx and cy."""

cameras = st.builds(
    Camera,
    width_px=st.integers(1, 64),
    height_px=st.integers(1, 64),
    fx_px=st.floats(10, 500),
    fy_px=st.floats(10, 500),
    cx_px=st.floats(-10, 70),
    cy_px=st.floats(-10, 70),
)
points = hnp.arrays(np.float64, (5, 3), elements=st.floats(-3, 3, allow_subnormal=False)).map(
    lambda p: np.stack([p[:, 0], p[:, 1], 0.5 + abs(p[:, 2])], axis=-1)
)
small_motions = st.builds(
    lambda place, turn: Pose(place, quat_from_rotation_vector(turn)),
    hnp.arrays(np.float64, 3, elements=st.floats(-0.2, 0.2, allow_subnormal=False)),
    hnp.arrays(np.float64, 3, elements=st.floats(-0.2, 0.2, allow_subnormal=False)),
)


def by_opencv(camera: Camera, points_m: np.ndarray, camera_from_world: Pose) -> np.ndarray:
    """Our pixels of world points, by cv2.projectPoints."""
    k = camera.K
    k[:2, 2] -= HALF_PIXEL
    turn = Rotation.from_quat(xyzw_from_wxyz(camera_from_world.quat_wxyz)).as_rotvec()  # cv2.Rodrigues drops turns below 1e-5
    pixels, _ = cv2.projectPoints(points_m.reshape(-1, 3), turn, camera_from_world.position_m, k, None)
    return pixels.reshape(*points_m.shape[:-1], 2) + HALF_PIXEL


@given(cameras, points, small_motions)
def test_projects_as_opencv_half_a_pixel_away(camera: Camera, points_m: np.ndarray, camera_from_world: Pose) -> None:
    theirs = by_opencv(camera, points_m, camera_from_world)
    local = camera_from_world.apply(points_m)
    ahead = local[:, 2] > 0.05
    np.testing.assert_allclose(camera.project(local)[ahead], theirs[ahead], rtol=1e-9, atol=1e-7)


def test_a_corner_of_a_drawn_picture_is_where_the_camera_says() -> None:
    camera = Camera.from_fov_y(1.0, 64, 48)
    picture = np.zeros(camera.image_shape, np.uint8)
    picture[10:20, 30:40] = 255  # pixels 30..39 cover x from 30 to 40 in our pixels
    corners = cv2.goodFeaturesToTrack(picture, 4, 0.1, 5)
    corners = cv2.cornerSubPix(picture, corners, (3, 3), (-1, -1), (cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-4)).reshape(-1, 2)
    edges = camera.project(camera.unproject(np.array([(30.0, 10.0), (40.0, 10.0), (30.0, 20.0), (40.0, 20.0)]), 2.0))
    for corner in edges:
        assert np.min(np.linalg.norm(corners + HALF_PIXEL - corner, axis=1)) < 0.2  # cornerSubPix is 0.12 off; without the half 0.58


@given(cameras, points)
def test_unproject_undoes_project(camera: Camera, points_m: np.ndarray) -> None:
    np.testing.assert_allclose(camera.unproject(camera.project(points_m), points_m[:, 2]), points_m, atol=1e-12)


@given(cameras, st.floats(0.1, 100.0))
def test_project_undoes_unproject(camera: Camera, depth_m: float) -> None:
    pixels = camera.pixel_centers()
    np.testing.assert_allclose(camera.project(camera.unproject(pixels, depth_m)), pixels, atol=1e-10)
    np.testing.assert_allclose(camera.rays() * depth_m, camera.unproject(pixels, depth_m), atol=1e-10)
    assert np.all(camera.rays()[..., 2] == 1.0)


def test_the_middle_of_a_centred_camera_looks_straight_ahead() -> None:
    camera = Camera.from_fov_y(math.radians(60), 640, 480)
    assert (camera.cx_px, camera.cy_px) == (320.0, 240.0)
    np.testing.assert_array_equal(camera.project((0, 0, 3)), (320, 240))
    np.testing.assert_allclose(camera.project((0, -math.tan(math.radians(30)), 1)), (320, 0), atol=1e-12)  # the top edge
    np.testing.assert_array_equal(camera.pixel_centers()[0, 0], (0.5, 0.5))
    np.testing.assert_array_equal(camera.pixel_centers()[-1, -1], (639.5, 479.5))
    np.testing.assert_array_equal(camera.K @ (0, 0, 1), (320, 240, 1))
    assert camera.rays().shape == (480, 640, 3)


@given(st.floats(0.01, 3.1), st.integers(1, MOST_PIXELS), st.integers(1, MOST_PIXELS))
def test_the_angle_of_view_round_trips(fov: float, width: int, height: int) -> None:
    assert Camera.from_fov_y(fov, width, height).fov_y_rad == pytest.approx(fov, rel=1e-12)


@given(cameras, st.integers(1, 200), st.integers(1, 200), points)
def test_resizing_keeps_the_view(camera: Camera, width: int, height: int, points_m: np.ndarray) -> None:
    other = camera.resized(width, height)
    assert other.image_shape == (height, width)
    relative = camera.project(points_m) / (camera.width_px, camera.height_px)
    np.testing.assert_allclose(other.project(points_m) / (width, height), relative, rtol=1e-9, atol=1e-9)
    assert other.fov_y_rad == pytest.approx(camera.fov_y_rad)


def test_nothing_is_seen_behind_or_where_nothing_is() -> None:
    camera = Camera.from_fov_y(1.0, 8, 8)
    assert np.isnan(camera.project([(0, 0, -1), (0, 0, 0), (1, 1, math.nan)])).all()
    assert np.isnan(camera.unproject([(4.0, 4.0), (1.0, 1.0), (2.0, 2.0)], [math.nan, math.inf, -math.inf])).all()


# flow


@given(small_motions, st.floats(0.5, 5.0), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_flow_of_a_slanted_plane_agrees_with_opencv(motion: Pose, distance: float, tilt_x: float, tilt_y: float) -> None:
    camera = Camera.from_fov_y(0.9, 24, 16)
    normal = np.array([tilt_x, tilt_y, 1.0])
    points_m = camera.rays() * (distance / (camera.rays() @ normal))[..., None]  # the plane: normal · point = distance
    flow = flow_from_depth(points_m[..., 2], camera, motion)
    assert flow.dtype == np.float32
    behind = motion.apply(points_m)[..., 2] <= 0
    assert np.isnan(flow[behind]).all()
    theirs = by_opencv(camera, points_m, motion) - by_opencv(camera, points_m, Pose())
    np.testing.assert_allclose(flow[~behind], theirs[~behind], rtol=1e-4, atol=1e-4)


def test_flow_of_a_step_to_the_right_is_to_the_left_by_focal_over_depth() -> None:
    camera = Camera.from_fov_y(1.0, 10, 6)
    flow = flow_from_depth(
        np.full((6, 10), 2.0, np.float32), camera, Pose((-0.1, 0, 0))
    )  # a point is 0.1 m further left in the next camera
    np.testing.assert_allclose(flow[..., 0], -0.1 * camera.fx_px / 2.0, rtol=1e-6)
    np.testing.assert_allclose(flow[..., 1], 0.0, atol=1e-6)


def test_flow_is_unknown_without_depth_and_behind_the_next_camera() -> None:
    camera = Camera.from_fov_y(1.0, 3, 2)
    flow = flow_from_depth([[1.0, math.nan, math.inf], [0.5, 0.0, -1.0]], camera, Pose((0, 0, -0.75)))
    assert np.isfinite(flow).all(axis=-1).tolist() == [[True, False, False], [False, False, False]]
    flow = flow_from_depth([[1.0, 0.0, -1.0], [0.5, 1.0, 1.0]], camera, Pose((0, 0, 2)))  # what is not there stays so when it moves ahead
    assert np.isfinite(flow).all(axis=-1).tolist() == [[True, False, False], [True, True, True]]


# the border to OpenGL


@given(small_motions, points)
def test_the_opengl_camera_sees_the_same_along_minus_z(world_from_camera: Pose, points_m: np.ndarray) -> None:
    theirs = opengl_from_opencv(world_from_camera)
    in_ours, in_theirs = (p.inverse().apply(points_m) for p in (world_from_camera, theirs))
    np.testing.assert_allclose(in_theirs, in_ours * (1, -1, -1), atol=1e-12)
    np.testing.assert_allclose(OPENCV_FROM_OPENGL.apply(in_theirs), in_ours, atol=1e-12)
    assert opencv_from_opengl(theirs) == world_from_camera


def test_the_opengl_border_takes_batches() -> None:
    rng = np.random.default_rng(1)
    batch = Pose(rng.normal(size=(3, 3)), rng.normal(size=(3, 4)))
    turned = opengl_from_opencv(batch)
    one = opengl_from_opencv(Pose(batch.position_m[2], batch.quat_wxyz[2]))
    assert Pose(turned.position_m[2], turned.quat_wxyz[2]) == one
    np.testing.assert_allclose(turned.rotation[..., 2], -batch.rotation[..., 2], atol=1e-15)


# what is no camera


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"width_px": 0}, LimitError, r"width_px is out of bounds; got 0, expected 1\.\.4096\. Choose"),
        ({"height_px": 4097}, LimitError, "height_px is out of bounds; got 4097"),
        ({"width_px": 64.0}, ShapeError, "Round it"),
        ({"width_px": True}, ShapeError, "whole number"),
        ({"height_px": "48"}, ShapeError, "whole number"),
        ({"fx_px": 0.0}, LimitError, "fx_px must be more than 0"),
        ({"fy_px": math.inf}, LimitError, "fy_px must be finite"),
        ({"cx_px": math.nan}, LimitError, "cx_px must be finite"),
        ({"cy_px": "middle"}, ShapeError, "cy_px is a number"),
    ],
)
def test_what_is_no_camera_is_refused(change: dict[str, object], error: type[Exception], text: str) -> None:
    right = {"width_px": 64, "height_px": 48, "fx_px": 50.0, "fy_px": 50.0, "cx_px": 32.0, "cy_px": 24.0}
    with pytest.raises(error, match=text):
        Camera(**{**right, **change})


def test_degrees_for_radians_are_noticed() -> None:
    with pytest.raises(LimitError, match=r"Did you mean 1\.047 rad \(60 degrees\)\?"):
        Camera.from_fov_y(60, 64, 48)
    for wrong in (0.0, -1.0, math.nan, 400.0):
        with pytest.raises(LimitError):
            Camera.from_fov_y(wrong, 64, 48)
    with pytest.raises(LimitError, match="height_px"):
        Camera.from_fov_y(1.0, 64, 0)


def test_arrays_of_other_shapes_are_refused() -> None:
    camera = Camera.from_fov_y(1.0, 8, 6)
    with pytest.raises(ShapeError, match="points_m"):
        camera.project((1, 2))
    with pytest.raises(ShapeError, match="pixels"):
        camera.unproject((1, 2, 3), 1.0)
    with pytest.raises(ShapeError, match="depths do not fit"):
        camera.unproject(np.zeros((3, 2)), np.zeros(4))
    with pytest.raises(ShapeError, match=r"got \(8, 6\), expected \(6, 8\)"):
        flow_from_depth(np.ones((8, 6)), camera, Pose())
    with pytest.raises(ShapeError, match="one pose"):
        flow_from_depth(np.ones((6, 8)), camera, Pose(np.zeros((1, 3)), [[1, 0, 0, 0]]))


def test_numpy_numbers_make_the_same_camera() -> None:
    ours = Camera.from_fov_y(1.0, 64, 48)
    same = Camera.from_fov_y(np.float64(1.0), np.int64(64), np.int32(48))
    assert same == ours
    assert hash(same) == hash(ours)
    assert type(same.width_px) is int
