"""The LeRobot view of a bundle: what of its episodes a LeRobotDataset v3.0 sees, written and checked."""

from lifeworld.episode.view.check import check_view
from lifeworld.episode.view.plan import Camera, Plan, at_rate, fits, plan_view
from lifeworld.episode.view.view import View

__all__ = ["Camera", "Plan", "View", "at_rate", "check_view", "fits", "plan_view"]
