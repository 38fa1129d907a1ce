using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Runs a policy on pictures, states and words that were changed, and says how far actions are apart.</summary>
internal sealed class Actor : IDisposable
{
    private const float PixelNoise = 0.01f;
    private readonly TrainedPolicy _trained;
    private readonly Policy _policy;

    /// <summary>Compiles the policy.</summary>
    public Actor(TrainedPolicy trained) => (_trained, _policy) = (trained, Policy.Of(trained, new PolicyRunOptions { KeepFrames = false }));

    /// <summary>Where the last step pointed; empty of a policy that does not point.</summary>
    public float[] Points { get; private set; } = [];

    /// <summary>The maps of the last step.</summary>
    public IReadOnlyList<Explain.WordMap> Maps => _policy.Maps();

    /// <inheritdoc/>
    public void Dispose() => _policy.Dispose();

    /// <summary>The action, in physical units.</summary>
    public float[] Act(IReadOnlyList<string> words, PictureWindow pictures, float[]? state)
    {
        // Spaces keep words apart that the policy does not know.
        _policy.SetInstruction(string.Join(' ', words), allowUnknown: true);
        foreach (var before in pictures.Past.Reverse()) _policy.Act(Observed(before, state));
        var decision = _policy.Act(Observed(pictures.Current, state));
        Points = decision.Points.ToArray();
        return decision.Action.ToArray();
    }

    /// <summary>The action beside that of another instruction, in one call: where that is longer, the first is padded.</summary>
    public float[] ActBeside(IReadOnlyList<string> words, IReadOnlyList<string> longer, PictureWindow pictures, float[]? state)
    {
        var prepared = _policy.Prepare(string.Join(' ', words), string.Join(' ', longer));
        foreach (var before in pictures.Past.Reverse()) prepared.Act(Observed(before, state));
        return prepared.Act(Observed(pictures.Current, state))[0].Action.ToArray();
    }

    /// <summary>The distance of two actions: the root mean square over their continuous numbers, each in standard deviations.</summary>
    public double Change(float[] a, float[] b)
    {
        double sum = 0;
        var count = _trained.Policy.Options.Actions;
        for (var i = 0; i < count; i++) sum += Math.Pow((a[i] - b[i]) / _trained.Actions.Deviation[i], 2);
        return Math.Sqrt(sum / count);
    }

    /// <summary>A picture with noise of 0.01 on its pixels.</summary>
    public static RgbImage Noisy(RgbImage picture, RandomSource random) => new(picture.Width, picture.Height,
        [.. picture.Pixels.Select(p => (byte)Math.Clamp(Math.Round(p + 255 * PixelNoise * random.NextGaussian()), 0, 255))]);

    private Observation Observed(IReadOnlyList<RgbImage> pictures, float[]? state) => Observation.Of(_policy.Cameras, pictures, state);
}
