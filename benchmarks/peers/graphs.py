"""ONNX graphs of layers, networks and matrix products.  `python3 graphs.py FOLDER` writes all of them; the peer makes those it is asked for.

The kinds of a layer: plain (MatMul and Add), gemm2d (Gemm over two axes), mha (com.microsoft MultiHeadAttention), attn23 (ai.onnx 23
Attention), absorb (the projections of the visual tokens absorbed into the queries).  A network of four blocks has each block in the same kind."""
import os
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import cases

KINDS = ["plain", "gemm2d", "mha", "attn23", "absorb"]


class Graph:
    """Nodes and constants under construction.  Methods append a node and return the name of its output."""

    def __init__(self, opset=17):
        self.opset, self.nodes, self.constants, self.microsoft = opset, [], {}, False

    def node(self, op, *inputs, output=None, **attributes):
        name = output or f"t{len(self.nodes)}"
        self.microsoft |= attributes.get("domain") == "com.microsoft"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def reshape(self, x, *sizes):
        return self.node("Reshape", x, self.constant(np.array(sizes, np.int64)))

    def linear(self, x, weight, bias):
        return self.node("Add", self.node("MatMul", x, self.constant(weight)), self.constant(bias))

    def gemm(self, x, weight, bias):
        return self.node("Gemm", x, self.constant(weight), self.constant(bias))

    def norm(self, x, scale, shift, output=None):
        return self.node("LayerNormalization", x, self.constant(scale), self.constant(shift), output=output, axis=-1, epsilon=cases.EPSILON)

    def gelu(self, x):
        """x Phi(x): written out, as exporters do; ONNX Runtime fuses it again.  An operator of its own where there is one."""
        if self.opset >= 20:
            return self.node("Gelu", x)
        erf = self.node("Erf", self.node("Div", x, self.constant(np.float32(np.sqrt(2)))))
        return self.node("Mul", self.node("Mul", x, self.node("Add", erf, self.constant(np.float32(1)))), self.constant(np.float32(0.5)))

    def bytes(self, inputs, outputs):
        def info(values):
            return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in values]
        graph = helper.make_graph(self.nodes, "graph", info(inputs), info(outputs), [numpy_helper.from_array(v, k) for k, v in self.constants.items()])
        opsets = [helper.make_opsetid("", self.opset)] + ([helper.make_opsetid("com.microsoft", 1)] if self.microsoft else [])
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = 10 if self.opset > 17 else 8
        return model.SerializeToString()


def heads(graph, x, shape, perm):
    """[B, N, d] -> the heads, permuted from [B, N, H, dh]."""
    return graph.node("Transpose", graph.reshape(x, shape.batch, -1, shape.heads, shape.width // shape.heads), perm=perm)


def joined(graph, x, *sizes):
    """[B, H, N, dh] -> heads side by side."""
    return graph.reshape(graph.node("Transpose", x, perm=[0, 2, 1, 3]), *sizes)


def written_out(graph, q, k, v, shape, *sizes):
    """softmax(q k' / sqrt(dh)) v, head by head."""
    scores = graph.node("MatMul", heads(graph, q, shape, [0, 2, 1, 3]), heads(graph, k, shape, [0, 2, 3, 1]))
    scores = graph.node("Mul", scores, graph.constant(np.float32((shape.width // shape.heads) ** -0.5)))
    return joined(graph, graph.node("MatMul", graph.node("Softmax", scores, axis=-1), heads(graph, v, shape, [0, 2, 1, 3])), *sizes)


def attend(graph, kind, x, w, shape):
    """The heads' mixture [B, Nl, d] before the output projection, and the bias that projection then has."""
    batch, words, visuals, width, count = shape
    head = width // count
    if kind == "mha":
        q, k, v = (graph.node("MatMul", t, graph.constant(w["W" + n])) for t, n in ((x, "q"), ("V", "k"), ("V", "v")))
        bias = graph.constant(np.concatenate([w["bq"], w["bk"], w["bv"]]))
        return graph.node("MultiHeadAttention", q, k, v, bias, domain="com.microsoft", num_heads=count), w["bo"]
    if kind == "absorb":
        keys = w["Wk"].reshape(width, count, head).transpose(1, 2, 0)[None] * np.float32(head ** -0.5)  # [1, H, dh, d]
        values = w["Wv"].reshape(width, count, head).transpose(1, 0, 2)[None]  # [1, H, d, dh]
        q = graph.node("MatMul", heads(graph, graph.linear(x, w["Wq"], w["bq"]), shape, [0, 2, 1, 3]), graph.constant(keys))  # [B, H, Nl, d]
        scores = graph.node("MatMul", graph.reshape(q, batch, count * words, width), graph.node("Transpose", "V", perm=[0, 2, 1]))
        mixed = graph.reshape(graph.node("MatMul", graph.node("Softmax", scores, axis=-1), "V"), batch, count, words, width)
        # The key bias adds the same to a whole row of scores; the value bias adds a constant, because weights sum to 1.
        bias = (w["bv"].astype(np.float64) @ w["Wo"].astype(np.float64) + w["bo"]).astype(np.float32)
        return joined(graph, graph.node("MatMul", mixed, graph.constant(values)), batch, words, width), bias
    q, k, v = (graph.linear(t, w["W" + n], w["b" + n]) for t, n in ((x, "q"), ("V", "k"), ("V", "v")))
    if kind == "attn23":
        return graph.node("Attention", q, k, v, q_num_heads=count, kv_num_heads=count), w["bo"]
    return written_out(graph, q, k, v, shape, batch, words, width), w["bo"]


def network(kind, net):
    """A layer or a network of four blocks: inputs L and V, output Y."""
    shape = net.shape
    graph = Graph(23 if kind == "attn23" else 17)
    flat = kind == "gemm2d"
    linear = graph.gemm if flat else graph.linear
    x, flat_visuals = "L", None
    if flat:
        x, flat_visuals = graph.reshape("L", -1, shape.width), graph.reshape("V", -1, shape.width)
    last = None if flat else "Y"
    for i, w in enumerate(net.blocks):
        end = last if i == len(net.blocks) - 1 else None
        four = "W1" in w
        if flat:
            q, k, v = (linear(t, w["W" + n], w["b" + n]) for t, n in ((x, "q"), (flat_visuals, "k"), (flat_visuals, "v")))
            mixed, bias = written_out(graph, q, k, v, shape, -1, shape.width), w["bo"]
        else:
            mixed, bias = attend(graph, kind, x, w, shape)
        x = graph.norm(graph.node("Add", linear(mixed, w["Wo"], bias), x), w["g"], w["be"], output=None if four else end)
        if four:
            hidden = graph.gelu(linear(x, w["W1"], w["b1"]))
            x = graph.norm(graph.node("Add", linear(hidden, w["W2"], w["b2"]), x), w["g2"], w["be2"], output=end)
    if flat:
        graph.node("Reshape", x, graph.constant(np.array([shape.batch, shape.words, shape.width], np.int64)), output="Y")
    tokens = [shape.batch, shape.words, shape.width]
    return graph.bytes([("L", tokens), ("V", [shape.batch, shape.visuals, shape.width])], [("Y", tokens)])


def product(kind, name):
    """gemm: B is a constant, which ONNX Runtime packs beforehand; gemmdyn: B is an input.  A batch has inputs only."""
    m, n, k, batch = cases.product(name)
    graph = Graph()

    def size(*s):
        return list(s) if batch == 1 else [batch, *s]
    constant = kind == "gemm" and batch == 1
    b = graph.constant(np.random.default_rng(1).standard_normal((k, n), dtype=np.float32)) if constant else "B"
    graph.node("MatMul", "A", b, output="C")
    return graph.bytes([("A", size(m, k))] + ([] if constant else [("B", size(k, n))]), [("C", size(m, n))])


if __name__ == "__main__":
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name in cases.names():
        net = cases.load(name)
        for kind in KINDS:
            with open(os.path.join(folder, f"{kind}_{name}.onnx"), "wb") as file:
                file.write(network(kind, net))
            print(f"{kind}_{name}.onnx")
