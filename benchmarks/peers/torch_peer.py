"""PyTorch as a peer.  Argument: threads.  Cases: gemm:MxNxK, mha:a (nn.MultiheadAttention), plain:a (written out), both also of networks of
four blocks such as mha:net4_a, and train:policy."""
import os
import sys

threads = sys.argv[1]
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = threads

import torch
from torch import nn

import cases
import torch_policy
from line_protocol import serve

torch.set_num_threads(int(threads))


class WrittenOut(nn.Module):
    """Multi-head attention with linear, matmul and softmax: without the bookkeeping of nn.MultiheadAttention."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))

    def load(self, w):
        for n in "qkvo":
            copy_linear(getattr(self, n), w["W" + n], w["b" + n])

    def forward(self, x, visuals):
        batch, words, width = x.shape
        head = width // self.heads
        q = (self.q(x) * head ** -0.5).view(batch, words, self.heads, head).transpose(1, 2)
        k = self.k(visuals).view(batch, -1, self.heads, head).permute(0, 2, 3, 1)
        v = self.v(visuals).view(batch, -1, self.heads, head).transpose(1, 2)
        return self.o((torch.softmax(q @ k, -1) @ v).transpose(1, 2).reshape(batch, words, width))


class BuiltIn(nn.Module):
    """nn.MultiheadAttention."""

    def __init__(self, width, heads):
        super().__init__()
        self.mha = nn.MultiheadAttention(width, heads, batch_first=True)

    def load(self, w):
        self.mha.in_proj_weight.copy_(torch.cat([tensor(w[n]).T for n in ("Wq", "Wk", "Wv")]))
        self.mha.in_proj_bias.copy_(torch.cat([tensor(w[n]) for n in ("bq", "bk", "bv")]))
        copy_linear(self.mha.out_proj, w["Wo"], w["bo"])

    def forward(self, x, visuals):
        return self.mha(x, visuals, visuals, need_weights=False)[0]


class Block(nn.Module):
    """LayerNorm(x + attention(x, V, V)), then, when there is a feed-forward, LayerNorm(x + W2 gelu(W1 x + b1) + b2)."""

    def __init__(self, attention, w, width):
        super().__init__()
        self.attention, self.norm = attention, nn.LayerNorm(width, cases.EPSILON)
        attention.load(w)
        copy_norm(self.norm, w["g"], w["be"])
        self.feed_forward = None
        if "W1" in w:
            self.feed_forward = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.norm2 = nn.LayerNorm(width, cases.EPSILON)
            copy_linear(self.feed_forward[0], w["W1"], w["b1"])
            copy_linear(self.feed_forward[2], w["W2"], w["b2"])
            copy_norm(self.norm2, w["g2"], w["be2"])

    def forward(self, x, visuals):
        x = self.norm(x + self.attention(x, visuals))
        return x if self.feed_forward is None else self.norm2(x + self.feed_forward(x))


def tensor(array):
    return torch.from_numpy(array)


def copy_linear(linear, weight, bias):
    linear.weight.copy_(tensor(weight).T)
    linear.bias.copy_(tensor(bias))


def copy_norm(norm, scale, shift):
    norm.weight.copy_(tensor(scale))
    norm.bias.copy_(tensor(shift))


def make_product(name):
    m, n, k, batch = cases.product(name)

    def size(*s):
        return s if batch == 1 else (batch, *s)
    a, b, c = torch.randn(size(m, k)), torch.randn(size(k, n)), torch.empty(size(m, n))
    multiply = torch.mm if batch == 1 else torch.bmm

    def job():
        with torch.inference_mode():
            multiply(a, b, out=c)
    return job


def make_network(kind, name):
    net = cases.load(name)
    attention = BuiltIn if kind == "mha" else WrittenOut
    with torch.no_grad():
        blocks = [Block(attention(net.shape.width, net.shape.heads), w, net.shape.width).eval() for w in net.blocks]
    words, visuals = tensor(net.words), tensor(net.visuals)

    def job():
        with torch.inference_mode():
            x = words
            for block in blocks:
                x = block(x, visuals)
            return x
    cases.check(f"torch {kind}", net, job().numpy())
    return job


def make(case):
    kind, name = case.split(":")
    if kind == "gemm":
        return make_product(name)
    if kind in ("mha", "plain"):
        return make_network(kind, name)
    if case == "train:policy":
        return torch_policy.make_step()
    raise ValueError(f"there is no case {case}")


serve(make)
