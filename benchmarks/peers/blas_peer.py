"""OpenBLAS as a peer, through cblas_sgemm by ctypes: 2 to 3 microseconds of overhead a call, which only 64x64x64b512 with its 512 calls notices.
Argument: threads.  Cases: gemm:MxNxK"""
import os
import sys

threads = sys.argv[1]
os.environ["OPENBLAS_NUM_THREADS"] = threads

import ctypes

import numpy as np

import cases
import openblas
from line_protocol import serve

ROW_MAJOR, NOT_TRANSPOSED = 101, 111
lib = openblas.library()
lib.openblas_set_num_threads(int(threads))
I, F, P = ctypes.c_int, ctypes.c_float, ctypes.c_void_p
lib.cblas_sgemm.argtypes = [I, I, I, I, I, I, F, P, I, P, I, F, P, I]
lib.cblas_sgemm.restype = None


def make(case):
    m, n, k, batch = cases.product(case.split(":")[1])
    random = np.random.default_rng(1)
    a, b = random.standard_normal((batch, m, k), dtype=np.float32), random.standard_normal((batch, k, n), dtype=np.float32)
    c = np.zeros((batch, m, n), np.float32)
    calls = [(ROW_MAJOR, NOT_TRANSPOSED, NOT_TRANSPOSED, m, n, k, 1.0, a[i].ctypes.data, k, b[i].ctypes.data, n, 0.0, c[i].ctypes.data, n) for i in range(batch)]
    multiply = lib.cblas_sgemm

    def job():
        for call in calls:
            multiply(*call)
    job.keep = (a, b, c)
    job()
    if not np.allclose(c[-1], a[-1] @ b[-1], atol=1e-2):
        raise ValueError("the product is wrong")
    return job


serve(make)
