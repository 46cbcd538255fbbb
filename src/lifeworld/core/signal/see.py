"""What a camera sees, and what follows exactly from what it sees: distances, names, motion, outlines."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.signal import Signal, signal

_seen = partial(signal, family="see", per="camera", rate="frame")
_CENTRES = "At pixel centres, one surface a pixel, no blending at edges."
_TESTS = "tests/worlds/senses"

SEE: tuple[Signal, ...] = (
    _seen(
        "rgb", np.uint8, ("height", "width", 3), "sRGB level", "camera",
        meaning="The picture a camera takes.",
        computed="Drawn by OpenGL with shadows, or shaded rays where there is no OpenGL.",
        exactness="Drawn by the renderer that the provenance names; another renderer or driver draws other levels.",
        test=f"{_TESTS}/test_pictures.py::test_observing_twice_is_the_same",
    ),
    _seen(
        "rgb_blurred", np.uint8, ("height", "width", 3), "sRGB level", "camera",
        meaning="The picture with the blur of a shutter that stays open for the second half of the frame before this moment.",
        computed="The mean, in linear light, of pictures drawn at sub-frames of the motion that led here.",
        exactness="2 to 9 sub-frames, a pixel of the fastest motion apart up to 16 pixels; equal to rgb where nothing moves.",
        test=f"{_TESTS}/test_sensor.py::test_blur_of_what_stands_still_is_the_picture",
    ),
    _seen(
        "rgb_noisy", np.uint8, ("height", "width", 3), "sRGB level", "camera",
        meaning="The picture with the noise of a real sensor: shot noise, read noise, dead pixels.",
        computed="rgb in linear light, with Gaussian noise of Poisson's variance (4,000 electrons at white), read noise (3 electrons) and "
        "1 pixel in 10,000 broken, by the state's own seed.",
        exactness="Mean and variance those of that model to 2 %, away from black and white; the same state has the same noise.",
        test=f"{_TESTS}/test_sensor.py::test_noise_has_the_variance_of_its_model",
    ),
    _seen(
        "depth_m", np.float32, ("height", "width"), "m", "camera",
        meaning="Distance along the optical axis to the first surface; NaN where unknown, +inf where nothing is.",
        computed="The first hit of each pixel's ray.",
        exactness="At pixel centres, to 1 mm + 0.1 % of an independent ray cast.",
        test=f"{_TESTS}/test_geometry.py::test_depth_is_an_independent_ray_cast",
    ),
    _seen(
        "depth_noisy_m", np.float32, ("height", "width"), "m", "camera",
        meaning="Depth as a stereo camera measures it: steps of disparity, noise, and holes (NaN) where the two eyes do not agree.",
        computed="depth_m from two eyes 5.5 cm apart: holes where the second does not see the point, at edges, beyond 80 degrees and "
        "outside 0.2 to 10 m; disparity in steps of 1/8 px with noise over one.",
        exactness="Within a step of disparity of depth_m, planes without bias; the same state has the same noise.",
        test=f"{_TESTS}/test_sensor.py::test_stereo_errs_within_its_disparity",
    ),
    _seen(
        "normals", np.float32, ("height", "width", 3), "1", "camera",
        meaning="The unit normal of the surface on the side the camera sees; NaN where nothing is.",
        computed="From the shape that each pixel's ray hits, not from depth.",
        exactness="Of primitives the analytic normal to 1 degree; of meshes the normal of the triangle.",
        test=f"{_TESTS}/test_geometry.py::test_normals_of_primitives_are_the_analytic_ones",
    ),
    _seen(
        "instance_ids", np.int32, ("height", "width"), "1", "camera",
        meaning="Which thing each pixel shows: 0 is the background, i + 1 the i-th thing of the scene, then the embodiments.",
        computed="The first hit of each pixel's ray.",
        exactness=_CENTRES,
        test=f"{_TESTS}/test_geometry.py::test_gl_and_rays_agree",
    ),
    _seen(
        "part_ids", np.int32, ("height", "width"), "1", "camera",
        meaning="Which part of a thing each pixel shows, numbered through the scene; the legend names them thing/part.",
        computed="The first hit of each pixel's ray.",
        exactness=_CENTRES,
        test=f"{_TESTS}/test_geometry.py::test_ids_of_all_three_sorts_agree",
    ),
    _seen(
        "semantic_ids", np.int32, ("height", "width"), "1", "camera",
        meaning="What kind of thing each pixel shows; one number for one kind in all scenes, named by the legend, 0 the background.",
        computed="The first hit of each pixel's ray.",
        exactness=_CENTRES,
        test=f"{_TESTS}/test_geometry.py::test_ids_of_all_three_sorts_agree",
    ),
    _seen(
        "flow_forward", np.float32, ("height", "width", 2), "px", "camera",
        meaning="Where the surface in each pixel will be in the next frame's picture, (dx, dy) from here; NaN where it cannot be known.",
        forward=True,
        computed="The hit carried by its body's motion (a soft body's by its vertices'), seen by the camera as it will stand.",
        exactness="To 0.05 px; warping the next frame's ids back by it gives these ids on 99.5 % of pixels that stay seen.",
        test=f"{_TESTS}/test_flow.py::test_warping_back_by_flow_gives_the_ids",
    ),
    _seen(
        "flow_backward", np.float32, ("height", "width", 2), "px", "camera",
        meaning="Where the surface in each pixel was in the last frame's picture, (dx, dy) from here; 0 in the first frame.",
        computed="As flow_forward, towards the frame before.",
        exactness="As flow_forward.",
        test=f"{_TESTS}/test_flow.py::test_there_and_back_is_nowhere",
    ),
    _seen(
        "occluded_forward", np.bool_, ("height", "width"), "1", "camera",
        meaning="Whether the surface in each pixel will be hidden, or out of the picture, in the next frame; true too where nothing is.",
        forward=True,
        computed="The carried hit against the next frame's depth; where an edge is near, against a ray cast to it.",
        exactness="As a ray cast to every carried hit, on 99.5 % of pixels; hidden is what lies 1 mm + 0.1 % of depth behind something.",
        test=f"{_TESTS}/test_flow.py::test_what_is_hidden_is_what_a_ray_does_not_reach",
    ),
    _seen(
        "occluded_backward", np.bool_, ("height", "width"), "1", "camera",
        meaning="Whether the surface in each pixel was hidden, or out of the picture, in the last frame; true too where nothing is.",
        computed="As occluded_forward, towards the frame before.",
        exactness="As occluded_forward.",
        test=f"{_TESTS}/test_flow.py::test_what_is_hidden_is_what_a_ray_does_not_reach",
    ),
    _seen(
        "scene_flow_m", np.float32, ("height", "width", 3), "m", "world",
        meaning="How far the surface in each pixel moves until the next frame; NaN where nothing is.",
        forward=True,
        computed="The hit carried by its body's motion, less the hit.",
        exactness="To 0.1 mm + 0.1 % of the distance moved.",
        test=f"{_TESTS}/test_flow.py::test_scene_flow_is_the_motion_of_the_body",
    ),
    _seen(
        "object_coords_m", np.float32, ("height", "width", 3), "m", "thing",
        meaning="Where on its own thing each pixel's surface lies, in the thing's frame; of the background in the world frame.",
        computed="The hit in the frame of the thing; of a soft thing the place of the same material point when it was laid down.",
        exactness="To 1 mm + 0.1 % of the distance: the point lies on the named body's surface.",
        test=f"{_TESTS}/test_geometry.py::test_points_lie_on_the_surface_of_the_named_body",
    ),
    _seen(
        "amodal_bits", np.uint8, ("height", "width", "bytes"), "bit set", "camera",
        meaning="Which things each pixel would show if each stood alone: bit i % 8 of byte i // 8 is that of instance i + 1.",
        computed="Every thing drawn, or cast rays to, as if nothing hid it.",
        exactness="Holds the modal mask of every thing to the pixel; equal to a picture of the thing alone.",
        test=f"{_TESTS}/test_amodal.py::test_amodal_is_the_thing_alone",
    ),
    _seen(
        "visible_fraction", np.float64, ("things",), "1", "none",
        meaning="Which share of each thing's outline within the picture is not hidden; NaN for things outside it.",
        computed="Pixels of instance_ids over pixels of amodal_bits.",
        exactness="Exactly that quotient.",
        test=f"{_TESTS}/test_amodal.py::test_visible_fraction_is_modal_over_amodal",
    ),
    _seen(
        "box_2d_px", np.float32, ("things", 4), "px", "camera",
        meaning="The box (left, top, right, bottom) around what is seen of each thing; NaN for things not seen.",
        computed="The edges of the outermost pixels of instance_ids.",
        exactness="Exactly those edges.",
        test=f"{_TESTS}/test_amodal.py::test_boxes_hold_their_masks_and_no_more",
    ),
    _seen(
        "box_2d_amodal_px", np.float32, ("things", 4), "px", "camera",
        meaning="The box (left, top, right, bottom) around each thing within the picture, hidden or not; NaN for things outside it.",
        computed="The edges of the outermost pixels of amodal_bits.",
        exactness="Exactly those edges.",
        test=f"{_TESTS}/test_amodal.py::test_boxes_hold_their_masks_and_no_more",
    ),
    signal(
        "box_3d", np.float64, ("things", 10), "m, 1, m", "world", "thing", family="see", rate="tick",
        meaning="The box around each thing, square to its own frame: middle x y z, quaternion w x y z, full size x y z.",
        computed="The extent of what can be seen of a thing (its parts where they are now, a soft thing's skin) in its own frame.",
        exactness="Holds every point of the surface, and touches one on each side, to 1 µm.",
        test=f"{_TESTS}/test_amodal.py::test_the_box_in_space_is_tight",
    ),
    _seen(
        "camera_pose", np.float64, (7,), "m, 1", "world",
        meaning="world_from_camera: position x, y, z, then quaternion w, x, y, z; the camera looks along +Z with +Y down.",
        computed="Read from the engine.",
        exactness="In the engine's own float64; nothing is rounded.",
        blend="slerp",
        test=f"{_TESTS}/test_pictures.py::test_the_camera_is_where_it_says",
    ),
    _seen(
        "camera_intrinsics_px", np.float64, (4,), "px", "camera",
        meaning="fx, fy, cx, cy of a pinhole; pixel centres lie at half-integers.",
        computed="From the camera's angle and size.",
        exactness="In float64.",
        test=f"{_TESTS}/test_pictures.py::test_the_camera_is_where_it_says",
    ),
)  # fmt: skip
