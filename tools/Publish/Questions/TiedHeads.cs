using CrossModal.Engine.Tensors;
using CrossModal.Policies;

namespace CrossModal.Publish.Questions;

/// <summary>Damages a policy on purpose: the heads of every attention of its fusion get the queries and keys of the first.</summary>
internal static class TiedHeads
{
    /// <summary>A copy of the policy with its heads tied.</summary>
    public static TrainedPolicy Of(TrainedPolicy trained)
    {
        var policy = new LanguagePolicy(trained.Policy.Options, RandomSource.None);
        var heads = trained.Policy.Options.Fusion.Heads;
        foreach (var ((name, to), (_, from)) in policy.Parameters().Zip(trained.Policy.Parameters()))
        {
            from.Span.CopyTo(to.Span);
            if (!name.StartsWith("fusion.", StringComparison.Ordinal) || !(name.Contains(".q_proj.", StringComparison.Ordinal)
                || name.Contains(".k_proj.", StringComparison.Ordinal))) continue;

            // Rows of a projection [H·D, d] are those of the heads, one after the other.
            var one = to.Shape.Length / heads;
            for (var head = 1; head < heads; head++) to.Span[..one].CopyTo(to.Span.Slice(head * one, one));
        }

        return trained with { Policy = policy };
    }
}
