"""The training step of a small vision-language policy: forward, backward, AdamW, 64 samples.  About 987,000 parameters."""
import torch
from torch import nn

BATCH, WIDTH, WORDS, VOCABULARY, HIDDEN = 64, 128, 12, 64, 256


class Block(nn.Module):
    """Attention and feed-forward, normalised before each; attends to a context when there is one."""

    def __init__(self, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, heads, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.feed_forward = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, WIDTH))

    def forward(self, x, context=None):
        h = self.norm1(x)
        c = h if context is None else context
        x = x + self.attention(h, c, c, need_weights=False)[0]
        return x + self.feed_forward(self.norm2(x))


class Policy(nn.Module):
    """64 x 64 pictures in patches of 8 x 8, two vision layers; 12 words, one language layer; four cross-attention blocks of 8 heads."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, WIDTH, 8, 8)
        self.patch_positions = nn.Parameter(torch.randn(64, WIDTH) * 0.02)
        self.vision = nn.ModuleList(Block(4) for _ in range(2))
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.word_positions = nn.Parameter(torch.randn(WORDS, WIDTH) * 0.02)
        self.language = Block(4)
        self.cross = nn.ModuleList(Block(8) for _ in range(4))
        self.head = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 128), nn.GELU(), nn.Linear(128, 3))

    def forward(self, pictures, words):
        v = self.patch(pictures).flatten(2).transpose(1, 2) + self.patch_positions
        for block in self.vision:
            v = block(v)
        x = self.language(self.embedding(words) + self.word_positions)
        for block in self.cross:
            x = block(x, v)
        return self.head(x.mean(1))


def make_step():
    """A callable that does one step."""
    torch.manual_seed(0)
    policy = Policy().train()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3)
    pictures, words, targets = torch.rand(BATCH, 3, 64, 64), torch.randint(0, VOCABULARY, (BATCH, WORDS)), torch.randn(BATCH, 3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        nn.functional.mse_loss(policy(pictures, words), targets).backward()
        optimizer.step()
    return step
