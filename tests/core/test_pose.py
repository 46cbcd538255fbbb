"""Poses form a group, and agree with SciPy's rotations and with homogeneous matrices."""

from __future__ import annotations

import itertools
import math

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from lifeworld.core import pose as P
from lifeworld.core.errors import ShapeError
from lifeworld.core.pose import IDENTITY, ZUP_FROM_YUP, Pose, slerp


def numbers(size: int, bound: float) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, size, elements=st.floats(-bound, bound, allow_subnormal=False))


vectors = numbers(3, 100.0)
raw_quats = numbers(4, 10.0).filter(lambda q: np.linalg.norm(q) > 1e-3)
quats = raw_quats.map(P.quat_canonical)
poses = st.builds(Pose, vectors, raw_quats)
fractions = st.floats(0.0, 1.0)


def stack(several: list[Pose]) -> Pose:
    return Pose([p.position_m for p in several], [p.quat_wxyz for p in several])


def assert_near(a: Pose, b: Pose, *, atol: float = 1e-10) -> None:
    np.testing.assert_allclose(a.position_m, b.position_m, atol=atol)
    assert np.all(P.rotation_angle(a.quat_wxyz, b.quat_wxyz) < atol)


# the group


@given(poses, poses, poses)
def test_composition_is_associative(a: Pose, b: Pose, c: Pose) -> None:
    assert_near((a @ b) @ c, a @ (b @ c))


@given(poses)
def test_identity_changes_nothing_to_the_bit(a: Pose) -> None:
    assert a @ IDENTITY == a
    assert IDENTITY @ a == a


@given(poses)
def test_inverse_undoes_on_both_sides(a: Pose) -> None:
    assert_near(a @ a.inverse(), IDENTITY)
    assert_near(a.inverse() @ a, IDENTITY)


@given(poses, poses)
def test_inverse_of_a_product_is_the_product_of_inverses_backwards(a: Pose, b: Pose) -> None:
    assert_near((a @ b).inverse(), b.inverse() @ a.inverse())


@given(poses, poses, vectors)
def test_composition_is_applying_one_after_the_other(a: Pose, b: Pose, point: np.ndarray) -> None:
    np.testing.assert_allclose((a @ b).apply(point), a.apply(b.apply(point)), atol=1e-10)


# batches


@given(st.lists(poses, min_size=1, max_size=4), poses, vectors, fractions)
def test_a_batch_is_a_loop(several: list[Pose], one: Pose, point: np.ndarray, fraction: float) -> None:
    batch = stack(several)
    for i, single in enumerate(several):
        for of_batch, of_single in (
            (batch @ one, single @ one),
            (one @ batch, one @ single),
            (batch.inverse(), single.inverse()),
            (slerp(batch, one_like(one, batch), fraction), slerp(single, one, fraction)),
        ):
            assert_near(Pose(of_batch.position_m[i], of_batch.quat_wxyz[i]), of_single, atol=1e-12)
        np.testing.assert_allclose(batch.apply(point)[i], single.apply(point), atol=1e-12)
        np.testing.assert_allclose(batch.matrix[i], single.matrix, atol=1e-12)
    assert_near(Pose.from_matrix(batch.matrix), batch)


def one_like(one: Pose, batch: Pose) -> Pose:
    return Pose(np.broadcast_to(one.position_m, batch.position_m.shape), np.broadcast_to(one.quat_wxyz, batch.quat_wxyz.shape))


def test_batch_shapes_broadcast() -> None:
    rng = np.random.default_rng(0)
    column = Pose(rng.normal(size=(3, 1, 3)), rng.normal(size=(3, 1, 4)))
    row = Pose(rng.normal(size=(2, 3)), rng.normal(size=(2, 4)))
    product = column @ row
    assert product.position_m.shape == (3, 2, 3)
    assert product.quat_wxyz.shape == (3, 2, 4)
    one = Pose(column.position_m[2, 0], column.quat_wxyz[2, 0]) @ Pose(row.position_m[1], row.quat_wxyz[1])
    assert_near(Pose(product.position_m[2, 1], product.quat_wxyz[2, 1]), one)


def test_an_empty_batch_is_a_batch() -> None:
    none = Pose(np.zeros((0, 3)), np.zeros((0, 4)))
    assert (none @ none.inverse()).matrix.shape == (0, 4, 4)
    assert Pose.from_matrix(none.matrix) == none


# quaternions


@given(raw_quats)
def test_canonical_quaternions_are_unit_signed_and_stay_to_the_bit(quat: np.ndarray) -> None:
    once = P.quat_canonical(quat)
    assert abs(np.linalg.norm(once) - 1.0) < 1e-15 * 4
    assert once[np.flatnonzero(once)[0]] > 0
    assert not np.signbit(once[once == 0]).any()
    assert P.quat_canonical(once).tobytes() == once.tobytes()


@given(raw_quats)
def test_a_quaternion_and_its_negative_are_one_rotation_to_the_bit(quat: np.ndarray) -> None:
    assert P.quat_canonical(-quat).tobytes() == P.quat_canonical(quat).tobytes()


@given(poses)
def test_a_pose_made_of_a_pose_is_equal_to_the_bit(a: Pose) -> None:
    again = Pose(a.position_m.tolist(), a.quat_wxyz.tolist())
    assert again == a
    assert hash(again) == hash(a)


def test_equal_poses_hash_equal_also_with_negative_zero() -> None:
    assert Pose((0.0, -0.0, 1.0)) == Pose((0.0, 0.0, 1.0))
    assert hash(Pose((0.0, -0.0, 1.0))) == hash(Pose((0.0, 0.0, 1.0)))


def test_a_pose_is_a_value() -> None:
    place = np.zeros(3)
    pose = Pose(place)
    place[0] = 5.0
    assert pose.position_m[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        pose.position_m[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        pose.quat_wxyz[0] = 0.5
    assert pose != "a pose"


# against SciPy, whose quaternions are x, y, z, w


@given(quats, quats, vectors)
def test_rotations_agree_with_scipy(a: np.ndarray, b: np.ndarray, vector: np.ndarray) -> None:
    theirs_a, theirs_b = (Rotation.from_quat(P.xyzw_from_wxyz(q)) for q in (a, b))
    np.testing.assert_allclose(P.rotate(a, vector), theirs_a.apply(vector), atol=1e-12)
    np.testing.assert_allclose(P.matrix_from_quat(a), theirs_a.as_matrix(), atol=1e-14)
    product = P.wxyz_from_xyzw((theirs_a * theirs_b).as_quat(canonical=True))
    assert P.rotation_angle(P.quat_multiply(a, b), product) < 1e-14
    np.testing.assert_allclose(P.rotation_angle(a, b), (theirs_a.inv() * theirs_b).magnitude(), atol=1e-7)


@given(quats)
def test_the_borders_to_w_last_undo_each_other(quat: np.ndarray) -> None:
    assert P.wxyz_from_xyzw(P.xyzw_from_wxyz(quat)).tobytes() == quat.tobytes()
    assert P.xyzw_from_wxyz(quat)[3] == quat[0]


@given(numbers(3, 2 * math.pi))
def test_rotation_vectors_agree_with_scipy(vector: np.ndarray) -> None:
    theirs = P.wxyz_from_xyzw(Rotation.from_rotvec(vector).as_quat())
    assert P.rotation_angle(P.quat_from_rotation_vector(vector), theirs) < 1e-14


@given(poses)
def test_matrices_round_trip(a: Pose) -> None:
    assert_near(Pose.from_matrix(a.matrix), a, atol=1e-14)
    np.testing.assert_allclose(a.matrix @ a.inverse().matrix, np.eye(4), atol=1e-10)


@pytest.mark.parametrize("axis", list(itertools.product((-1, 0, 1), repeat=3))[1:13])
def test_half_turns_survive_the_matrix(axis: tuple[int, int, int]) -> None:
    quat = P.quat_canonical(np.array([0.0, *axis]))  # the trace is -1: where naive formulas divide by zero
    np.testing.assert_allclose(P.quat_from_matrix(P.matrix_from_quat(quat)), quat, atol=1e-15)


# slerp


@given(poses, poses)
def test_slerp_is_exact_at_both_ends(a: Pose, b: Pose) -> None:
    assert slerp(a, b, 0.0) == a
    assert slerp(a, b, 1.0) == b


@given(poses, poses, fractions)
def test_slerp_agrees_with_scipy(a: Pose, b: Pose, fraction: float) -> None:
    angle = P.rotation_angle(a.quat_wxyz, b.quat_wxyz)
    assume(angle < math.pi - 1e-3)  # half a turn apart there are two shortest ways
    between = slerp(a, b, fraction)
    theirs = Slerp([0, 1], Rotation.from_quat(P.xyzw_from_wxyz([a.quat_wxyz, b.quat_wxyz])))(fraction)
    assert P.rotation_angle(between.quat_wxyz, P.wxyz_from_xyzw(theirs.as_quat())) < 1e-7
    np.testing.assert_allclose(P.rotation_angle(a.quat_wxyz, between.quat_wxyz), fraction * angle, atol=1e-7)
    np.testing.assert_allclose(between.position_m, (1 - fraction) * a.position_m + fraction * b.position_m, atol=1e-12)


@given(quats, quats)
def test_slerp_takes_many_fractions(a: np.ndarray, b: np.ndarray) -> None:
    steps = np.linspace(0, 1, 5)
    np.testing.assert_array_equal(P.quat_slerp(a, b, steps), [P.quat_slerp(a, b, f) for f in steps])


# named poses


@given(vectors, vectors)
def test_look_at_sees_its_target_ahead_and_the_sky_above(eye: np.ndarray, target: np.ndarray) -> None:
    distance = np.linalg.norm(target - eye)
    assume(distance > 1e-3)
    camera_from_world = Pose.look_at(eye, target).inverse()
    np.testing.assert_allclose(camera_from_world.apply(target), (0, 0, distance), atol=1e-6)
    assert camera_from_world.apply(np.add(eye, (0, 0, 1)))[1] <= 1e-6  # +Y is down


@pytest.mark.parametrize("forward", [(0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 0, 0), (0, 1, 0)])
def test_look_at_along_up_still_is_a_pose(forward: tuple[int, int, int]) -> None:
    pose = Pose.look_at((1, 2, 3), np.add((1, 2, 3), forward), up=forward)
    np.testing.assert_allclose(pose.rotation[:, 2], forward, atol=1e-15)
    if forward[2]:
        np.testing.assert_allclose(pose.rotation[:, 0], (1, 0, 0), atol=1e-15)


def test_from_yaw_turns_left() -> None:
    np.testing.assert_allclose(Pose.from_yaw((0, 0, 1), math.pi / 2).apply((1, 0, 0)), (0, 1, 1), atol=1e-15)


def test_up_in_gltf_is_up_here() -> None:
    np.testing.assert_allclose(ZUP_FROM_YUP.apply((1, 2, 3)), (1, -3, 2), atol=1e-15)


# what is no pose


@pytest.mark.parametrize(
    ("position", "quat"),
    [
        ((0, 0), (1, 0, 0, 0)),
        ((0, 0, 0), (1, 0, 0)),
        (np.zeros((2, 3)), (1, 0, 0, 0)),
        ((0, 0, math.nan), (1, 0, 0, 0)),
        ((0, 0, 0), (math.inf, 0, 0, 0)),
        ((0, 0, 0), (0, 0, 0, 0)),
        ((0, 0, 0), (1e200, 1e200, 0, 0)),
        ("here", (1, 0, 0, 0)),
        ([[0, 0, 0], [0, 0]], (1, 0, 0, 0)),
    ],
)
def test_what_is_no_pose_is_refused(position: object, quat: object) -> None:
    with pytest.raises(ShapeError):
        Pose(position, quat)


@pytest.mark.parametrize(
    "matrix",
    [np.eye(3), 2 * np.eye(4), np.diag([1.0, 1.0, -1.0, 1.0]), np.full((4, 4), np.nan), Pose((1, 2, 3)).matrix.T],
    ids=["3x3", "scaled", "mirrored", "nan", "transposed"],
)
def test_what_is_no_rigid_motion_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(ShapeError):
        Pose.from_matrix(matrix)


def test_other_shapes_are_refused_where_they_come_in() -> None:
    with pytest.raises(ShapeError, match=r"\(\*batch, 3\)"):
        IDENTITY.apply((1, 2))
    with pytest.raises(ShapeError, match="broadcasting"):
        Pose(np.zeros((2, 3)), np.tile([1, 0, 0, 0], (2, 1))).apply(np.zeros((3, 3)))
    with pytest.raises(ShapeError, match="its own place"):
        Pose.look_at((1, 1, 1), (1, 1, 1))
    with pytest.raises(ShapeError, match="finite"):
        Pose.look_at((1, 1, math.inf), (1, 1, 1))
