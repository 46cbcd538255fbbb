"""The LeRobot view of a bundle: what of its episodes a LeRobotDataset v3.0 sees, written and checked."""

from lifeworld.episode.view.check import check_view
from lifeworld.episode.view.plan import Camera, Plan, fits, plan_view
from lifeworld.episode.view.view import View

__all__ = ["Camera", "Plan", "View", "check_view", "fits", "plan_view"]
