using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>The tokens of a policy that are neither words nor patches: registers before the patches of a view, and the robot's own state
/// beside the words.</summary>
/// <remarks>Registers are the first tokens of a view: so whatever attends by windows on the grid attends to them as to words.</remarks>
internal sealed class PolicyTokens : Module
{
    private readonly Tensor? _registers;
    private readonly Linear? _state;

    /// <summary>Makes those that a policy asks for.</summary>
    /// <param name="options">Sizes and choices of the policy.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">Registers are asked for with a strategy that lays tokens out, or with fewer tokens; or a token of
    /// the state without proprioception.</exception>
    public PolicyTokens(PolicyOptions options, RandomSource random)
    {
        var (perception, width) = (options.Perception, options.Fusion.Width);
        if (perception.Registers < 0) throw new ShapeException("LanguagePolicy", $"{perception.Registers} registers are too few");
        if (perception.Registers > 0)
        {
            if (FusionStrategies.Find(options.Strategy).OnGrid || options.Fusion.Vision.Tokens is not null)
                throw new ShapeException("LanguagePolicy",
                    $"there is no place for registers where patches lie on their grid: '{options.Strategy}', or fewer visual tokens");
            _registers = AddParameter("registers", Tensor.Normal([perception.Registers, width], random, 0.02f));
        }

        if (!perception.StateToken) return;
        if (options.Proprioception == 0)
            throw new ShapeException("LanguagePolicy", "a token of the state needs proprioception, the policy has none");
        _state = Add("state", new Linear(options.Proprioception, width, random));
    }

    /// <summary>Views with the registers before their patches: <c>[B, N, d] → [B, R + N, d]</c>.</summary>
    public IReadOnlyList<Tokens?> WithRegisters(IReadOnlyList<Tokens?> views, Pass pass)
    {
        if (_registers is null) return views;
        return [.. views.Select((view, number) => view is null ? null : Tokens.Join(
        [
            new Tokens(pass.Expand(_registers, [view.Batch, .. _registers.Shape.Sizes])).Of(TokenKind.Latents),
            view with { Content = view.Content ?? [new TokenRun(TokenKind.Patches, view.Count) { View = number }] },
        ], pass))];
    }

    /// <summary>The words, and after them the state: <c>[B, Nl, d], [B, P] → [B, Nl + 1, d]</c>.</summary>
    public Tokens WithState(Tokens words, Tensor? state, Pass pass)
    {
        if (_state is null || state is null) return words;
        var token = pass.Reshape(_state.Forward(state, pass), [words.Batch, 1, words.Width]);
        return Tokens.Join(
            [words.Content is null ? words.Of(TokenKind.Words) : words, new Tokens(token).Of(TokenKind.State)], pass);
    }
}
