using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Small policies for the tabletop with the weights they begin with.</summary>
internal static class TabletopPolicies
{
    /// <summary>Saves one.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="damage">What is done to its weights, by name.</param>
    /// <param name="strategy">Its fusion strategy.</param>
    /// <returns>The folder.</returns>
    public static string Save(string folder, Action<string, Tensor>? damage = null, string strategy = "cross-attention")
    {
        var options = new PolicyOptions(strategy, new FusionOptions(16, 2, 1), TabletopPolicy.Tokenizer.Count, 3)
        {
            MaxWords = 12,
            Proprioception = 5,
            Head = new HeadOptions(2, 0),
        };
        var policy = new LanguagePolicy(options, new RandomSource(7));
        foreach (var (name, tensor) in policy.Parameters()) damage?.Invoke(name, tensor);
        PolicyFolder.Save(folder, new TrainedPolicy(policy, TabletopPolicy.Tokenizer, TabletopSignature.Actions, TabletopSignature.States,
            "tabletop/pick"));
        return folder;
    }
}
