"""Neighbours' formats: robots and things from MJCF, URDF, meshes and furniture catalogues, one file a neighbour.

    from lifeworld.scene.formats import import_file, load_asset

Foreign files are read in a bounded child process; what comes out is an asset folder in our own normal form (`asset.py`).
"""

from lifeworld.scene.formats.asset import Asset, AssetActuator, AssetFile, AssetJoint, AssetLight, AssetPose
from lifeworld.scene.formats.intake import SUFFIXES, CatalogueEntry, catalogue, import_file
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.load import load_asset

__all__ = [
    "SUFFIXES",
    "Asset",
    "AssetActuator",
    "AssetFile",
    "AssetJoint",
    "AssetLight",
    "AssetPose",
    "CatalogueEntry",
    "Limits",
    "catalogue",
    "import_file",
    "load_asset",
]
