using CrossModal.Publish.Pages;


namespace CrossModal.Publish.Tests.Pages;

public sealed class ChineseNamesTests
{
    [Theory]
    [InlineData("yes", "是")]
    [InlineData("Cross-Attention, 1 layer", "交叉注意力，1 层")]
    [InlineData("**Co-Attention, 4 layers**", "**协同注意力，4 层**")]
    [InlineData("Perceiver, 8 latents – Concatenation, mean-pooled", "Perceiver，8 个潜变量 – 拼接，均值池化")]
    [InlineData("−0.2\u00a0to\u00a0+1.4", "−0.2 至 +1.4")]
    [InlineData("94 [88, 97] of 102", "102 次中 94 [88, 97]")]
    [InlineData("176 k (base)", "176 k（基准）")]
    [InlineData("66.0 % (whole budget)", "66.0 %（全部预算）")]
    [InlineData("12.5 % after captions", "12.5 %，先学图文说明")]
    [InlineData("Cross-Attention, 1 layer, 0.004", "交叉注意力，1 层，0.004")]
    [InlineData("Perceiver, 32 latents, 16000 steps", "Perceiver，32 个潜变量，16000 步")]
    [InlineData("16 pooled", "16，平均池化")]
    [InlineData("cross-attention-4, untrained", "cross-attention-4，未训练")]
    [InlineData("98.1 % (97.3–98.6 %)", "98.1 % (97.3–98.6 %)")]
    [InlineData("Two views, jointly, layer 2, view 2", "两个视角，合在一起，第 2 层，视角 2")]
    [InlineData("Cross-Attention, 4 layers, layer 3", "交叉注意力，4 层，第 3 层")]
    [InlineData("Co-Attention, 4 layers − Concatenation of tokens", "协同注意力，4 层 − 拼接，token 级")]
    [InlineData("after equal time (162 s)", "训练时间相同（162 秒）")]
    [InlineData("1 (no interval over runs)", "1（无跨训练的区间）")]
    [InlineData("one run", "只训练一次")]
    [InlineData("–", "–")]
    [InlineData("", "")]
    public void Words_of_a_cell_are_said_in_Chinese(string cell, string chinese) => Assert.Equal(chinese, ChineseNames.Of(cell));
}
