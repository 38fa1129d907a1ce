"""ONNX Runtime as a peer.  Argument: threads.  Cases: gemm:MxNxK (B constant), gemmdyn:MxNxK, and of layers and networks of four blocks
plain:a gemm2d:a mha:a attn23:a absorb:a plain:net4_a ..."""
import sys

import numpy as np

import cases
import graphs
from line_protocol import serve
from ort_api import Runtime

runtime = Runtime(int(sys.argv[1]))


def make(case):
    kind, name = case.split(":")
    if kind in ("gemm", "gemmdyn"):
        m, n, k, batch = cases.product(name)
        random = np.random.default_rng(2)

        def size(*s):
            return s if batch == 1 else (batch, *s)
        inputs = {"A": random.standard_normal(size(m, k), dtype=np.float32)}
        if kind == "gemmdyn" or batch > 1:
            inputs["B"] = random.standard_normal(size(k, n), dtype=np.float32)
        return runtime.bind(graphs.product(kind, name), inputs, {"C": np.zeros(size(m, n), np.float32)})
    net = cases.load(name)
    output = np.full(net.reference.shape, np.nan, np.float32)
    job = runtime.bind(graphs.network(kind, net), {"L": net.words, "V": net.visuals}, {"Y": output})
    job()
    cases.check(f"ort {kind}", net, output)
    return job


serve(make)
