using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Cases;

/// <summary>One layer over very many visual tokens: 16 words, d = 512, 8 heads.</summary>
/// <remarks>1,024 tokens are drawn and repeated. The output stays that of 1,024, so the check needs no float64 run over all of
/// them.</remarks>
internal static class LongInput
{
    /// <summary>Tokens that are drawn; a count must be a multiple.</summary>
    public const int Drawn = 1024;

    private static readonly Network Layer = Network.Layer(new LayerShape("long", 1, 16, Drawn, 512, 8));

    /// <summary>Frames over a number of visual tokens, the instruction set.</summary>
    public static FrameJob Job(int tokens, Workers workers)
    {
        var repeats = Repeats(tokens);
        return new(Inputs(), Association.Cheaper, cached: true, workers, repeats);
    }

    /// <summary>How often the drawn tokens are repeated.</summary>
    /// <exception cref="ArgumentException">Not a whole number of times.</exception>
    public static int Repeats(int tokens) => tokens > 0 && tokens % Drawn == 0
        ? tokens / Drawn
        : throw new ArgumentException($"{tokens} is not a multiple of {Drawn}");

    /// <summary>The drawn inputs.</summary>
    public static NetworkInputs Inputs() => NetworkInputs.Draw(Layer);
}
