"""The inputs that all engines share.  They are written by the benchmark itself (`benchmarks peers`, or `benchmarks peer` when asked for a case);
this module reads them.  Weights are [in, out]: y = x W + b."""
import os
import re
import sys
from collections import namedtuple

import numpy as np

FOLDER = os.environ.get("PEER_DATA", "")
EPSILON = 1e-5
LARGEST_ERROR = 1e-3
WEIGHTS = ["Wq", "Wk", "Wv", "Wo", "bq", "bk", "bv", "bo", "g", "be"]
FEED_FORWARD = ["W1", "b1", "W2", "b2", "g2", "be2"]

Shape = namedtuple("Shape", "batch words visuals width heads")
Product = namedtuple("Product", "m n k batch")
Network = namedtuple("Network", "name shape words visuals blocks reference")  # blocks: one dict of arrays each


def product(name):
    """MxNxK or MxNxKbBATCH."""
    m, n, k, batch = re.fullmatch(r"(\d+)x(\d+)x(\d+)(?:b(\d+))?", name).groups()
    return Product(int(m), int(n), int(k), int(batch or 1))


def shapes(file):
    """Shapes by name, from lines `name B Nl Nv d H`."""
    with open(os.path.join(FOLDER, file)) as lines:
        return {w[0]: Shape(*map(int, w[1:])) for w in (line.split() for line in lines) if w}


def names():
    """All layers, then all networks of four blocks."""
    return list(shapes("layers.txt")) + ["net4_" + n for n in shapes("networks.txt")]


def load(name):
    """A layer `a`, or a network of four blocks `net4_a`."""
    four = name.startswith("net4_")
    shape = shapes("networks.txt")[name[5:]] if four else shapes("layers.txt")[name]
    width, hidden = shape.width, 4 * shape.width
    sizes = dict({"W1": (width, hidden), "W2": (hidden, width), "b1": (hidden,)}, **{k: (width, width) for k in WEIGHTS[:4]})

    def read(array, size):
        return np.fromfile(os.path.join(FOLDER, name, array + ".f32"), "<f4").reshape(size)

    def block(prefix):
        return {k: read(prefix + k, sizes.get(k, (width,))) for k in WEIGHTS + (FEED_FORWARD if four else [])}

    tokens = (shape.batch, shape.words, width)
    return Network(name, shape, read("L", tokens), read("V", (shape.batch, shape.visuals, width)), [block(f"{i}.") for i in range(4)] if four else [block("")],
                   np.fromfile(os.path.join(FOLDER, name, "ref.f64"), "<f8").reshape(tokens))


def check(who, network, output):
    """Holds an output against the one computed in float64."""
    error = np.abs(output - network.reference).max()
    print(f"# {who} {network.name} max err {error:.2e}", file=sys.stderr)
    if not error <= LARGEST_ERROR:
        raise ValueError(f"the result is wrong: max error {error:.2e}")
