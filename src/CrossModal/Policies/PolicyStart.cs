namespace CrossModal.Policies;

/// <summary>What a policy took over from another, and what it did not.</summary>
/// <param name="Taken">Names of the parameters that were copied.</param>
/// <param name="New">Names of the policy's other parameters, which are as they were drawn.</param>
/// <param name="Left">Parameters of the other policy that have no counterpart of the same shape, as <c>cues.weight [15,64]</c>.</param>
/// <param name="Differences">Choices that change what the same weights compute and that no shape shows, as <c>4 attention heads there, 8
/// here</c>.</param>
internal sealed record PolicyStart(IReadOnlyList<string> Taken, IReadOnlyList<string> New, IReadOnlyList<string> Left,
    IReadOnlyList<string> Differences)
{
    /// <summary>The choices in which two policies differ.</summary>
    internal static IReadOnlyList<string> Compare(PolicyOptions there, PolicyOptions here)
    {
        var differences = new List<string>();
        Note(there.Strategy, here.Strategy, name => $"the strategy {name}");
        Note(there.Fusion.Heads, here.Fusion.Heads, heads => $"{heads} attention heads");
        Note(there.Fusion.Vision.Attention, here.Fusion.Vision.Attention, attention =>
            $"{attention?.ToString() ?? "softmax"} over visual tokens");
        Note(there.Fusion.Vision.Tokens, here.Fusion.Vision.Tokens, tokens =>
            tokens is null ? "all visual tokens" : $"visual tokens {tokens}");
        Note(there.Perception.Positions, here.Perception.Positions, positions => $"visual positions '{positions}'");
        Note(there.ImageSize, here.ImageSize, size => $"pictures of {size} pixels");
        return differences;

        void Note<T>(T theirs, T ours, Func<T, string> name)
        {
            if (!EqualityComparer<T>.Default.Equals(theirs, ours)) differences.Add($"{name(theirs)} there, {name(ours)} here");
        }
    }
}
