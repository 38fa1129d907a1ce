using CrossModal.Fusion;
using CrossModal.Publish.Questions;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Tests.Questions;

public sealed class TiedHeadsTests
{
    [Fact]
    public void Every_head_of_the_fusion_gets_queries_and_keys_of_the_first_and_the_policy_itself_stays()
    {
        var trained = new TabletopLossSource("cross-attention", new FusionOptions(8, 2, 1), new TabletopRecipe()).Policy;
        var before = trained.Policy.Parameters().Select(p => p.Value.ToArray()).ToArray();
        var tied = TiedHeads.Of(trained).Policy.Parameters().ToDictionary(p => p.Key, p => p.Value.ToArray());
        Assert.Equal(before, trained.Policy.Parameters().Select(p => p.Value.ToArray()));
        foreach (var (name, tensor) in trained.Policy.Parameters())
        {
            var (now, half) = (tied[name], tensor.Shape.Length / 2);
            if (name.StartsWith("fusion.", StringComparison.Ordinal) && name.EndsWith("q_proj.weight", StringComparison.Ordinal))
                Assert.Equal(now[..half], now[half..]);
            else if (name.Contains("v_proj", StringComparison.Ordinal) || name.StartsWith("language.", StringComparison.Ordinal))
                Assert.Equal(tensor.ToArray(), now);
        }

        Assert.Contains(tied.Keys, name => name.StartsWith("fusion.", StringComparison.Ordinal)
            && name.EndsWith("k_proj.weight", StringComparison.Ordinal));
    }
}
