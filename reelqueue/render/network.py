"""Run small networks with onnxruntime, where it is installed.

They run in this process: their input are pictures of one small size and sound that our ffmpeg has
decoded, so nothing of it is a stranger's format, and a render has a process of its own already.
Without `ORT_DISABLE_TELEMETRY`, onnxruntime reports its use to Microsoft from version 1.29 on.
"""

from __future__ import annotations

import os
from typing import Any

_ERRORS_ONLY = 3  # of the levels of onnxruntime's log


def load_network(model: bytes, threads: int) -> Any:
    """Return a session of onnxruntime for a network.

    Args:
        model: an ONNX file.
        threads: that calculate it.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read once, when the library is loaded
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = threads
    # Threads that wait in a loop would take the cores of the decoder.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
