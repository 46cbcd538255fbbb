"""Newton's camera sensor on the CPU (Warp): colour with shadows, depth along the axis, shape index, one ray a pixel."""

from __future__ import annotations

import math
from typing import Any

import newton
import numpy as np
import warp as wp
from newton.sensors import SensorCamera
from turn import take


class Newton:
    name = "Newton SensorCamera, CPU"
    version = newton.__version__
    signals = "rgb, depth, ids"
    note = f"Warp {wp.__version__}; it also gives normals and albedo"

    def __init__(self, scene: dict[str, Any]) -> None:
        wp.set_device("cpu")
        builder = newton.ModelBuilder()
        builder.begin_world()
        for thing in scene["things"]:
            x, y, z = thing["size_m"]
            body = builder.add_body()
            match thing["shape"]:
                case "box":
                    builder.add_shape_box(body, hx=x / 2, hy=y / 2, hz=z / 2, color=thing["color"])
                case "sphere":
                    builder.add_shape_sphere(body, radius=x / 2, color=thing["color"])
                case _:
                    builder.add_shape_cylinder(body, radius=x / 2, half_height=z / 2, color=thing["color"])
        builder.end_world()
        builder.add_ground_plane(color=scene["ground"]["color"])
        self.model = builder.finalize()
        self.state = self.model.state()
        camera = scene["camera"]
        width, height = camera["width_px"], camera["height_px"]
        self.sensor = SensorCamera(self.model, default_render_config=SensorCamera.RenderConfig(enable_shadows=True))
        down = np.array(scene["light"]["direction"])
        self.sensor.create_default_light(enable_shadows=True, direction=wp.vec3f(*(down / np.linalg.norm(down))))
        self.rays = SensorCamera.compute_camera_rays_pinhole(width, height, camera_fov=math.radians(camera["fov_y_deg"]))
        w, qx, qy, qz = camera["quat_wxyz_opengl"]
        self.pose = wp.array([wp.transformf(wp.vec3f(*camera["position_m"]), wp.quatf(qx, qy, qz, w))], dtype=wp.transformf)
        self.color = self.sensor.allocate_image_color(1, width, height)
        self.depth = self.sensor.allocate_image_depth_forward(1, width, height)
        self.index = self.sensor.allocate_image_shape_index(1, width, height)

    def place(self, poses: np.ndarray) -> None:
        self.state.body_q.assign(poses[:, [0, 1, 2, 4, 5, 6, 3]].astype(np.float32))

    def look(self) -> Any:
        self.model.bvh_refit_shapes(self.state)
        self.sensor.update(
            self.state,
            self.pose,
            self.rays,
            color_image=self.color, forward_depth_image=self.depth, shape_index_image=self.index,
        )  # fmt: skip
        return self.color.numpy(), self.depth.numpy(), self.index.numpy()

    def arrays(self, seen: Any) -> dict[str, np.ndarray]:
        color, depth, index = (array[0] for array in seen)
        rgb = color.copy().view(np.uint8).reshape(*color.shape, 4)[..., :3]
        return {"rgb": rgb, "depth_m": np.where(depth > 0, depth, np.inf), "ids": index.astype(np.int64)}


if __name__ == "__main__":
    take(Newton)
