"""For this table only: the torchvision of the registry is linked against CUDA and does not import beside torch for processors.

It asks for operators that its missing library would have defined; defined here by name, it imports, and what needs no operator works.
Not for products: whoever calls `nms` gets an error.
"""

import torch

_LIBRARY = torch.library.Library("torchvision", "DEF")
for _schema in (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
):
    _LIBRARY.define(_schema)
