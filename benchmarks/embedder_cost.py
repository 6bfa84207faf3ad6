"""Row 7: what one picture costs, and how large the file is."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime

RUNS, WARM_UP = 200, 20
MEGABYTE = 1_000_000


def cost(graph: Path) -> Iterator[str]:
    """Median of one run of batch 1 on one thread, the file's size, and what comes out.

    The thread's own time on a core, not the wall's: other processes may want the core as well.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    shape = [1, *entry.shape[1:]]
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    seconds = []
    for _ in range(WARM_UP + RUNS):
        started = time.thread_time()
        session.run(None, {entry.name: pixels})
        seconds.append(time.thread_time() - started)
    low, middle, high = np.quantile(seconds[WARM_UP:], (0.05, 0.5, 0.95)) * 1000
    outputs = ", ".join(f"{each.name} {each.shape[1:]}" for each in session.get_outputs())
    yield f"{middle:.1f} core-ms a picture (5-95 %: {low:.1f}-{high:.1f}, of {RUNS}; to reach ≤ 12)"
    yield f"{graph.stat().st_size / MEGABYTE:.2f} MB (to reach ≤ 12)"
    yield f"{shape[1]} px; {outputs}"
