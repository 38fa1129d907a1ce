using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Policies;

/// <summary>How much the action changes with the instruction, beside how much noise on pixels changes it: the same pictures and states
/// under two instructions each. Measured now and then while a policy is trained.</summary>
/// <remarks>Changes are root mean squares over the continuous numbers of the normalised action, means over pictures. Nothing is drawn
/// but the noise, once, from a source of its own: training keeps its bits.</remarks>
internal sealed class InstructionEffect
{
    /// <summary>Column of the log: the change of the action when the other instruction is given, in standard deviations.</summary>
    public const string EffectName = "instruction_effect";

    /// <summary>Column of the log: the change of the action when noise of 0.01 is added to the pixels, in standard deviations.</summary>
    public const string NoiseName = "instruction_noise";

    /// <summary>Pictures that are enough: a measurement takes about two training steps on them.</summary>
    public const int Pictures = 16;

    private const float PixelNoise = 0.01f;
    private const int LeastSpacing = 200;
    private const int Points = 20;
    private readonly PolicyInput _input;
    private readonly PolicyInput _noisy;

    /// <summary>Prepares a measurement.</summary>
    /// <param name="input">Pictures <c>[S, …]</c> and words <c>[2·S, Nl]</c>: rows 2i and 2i + 1 are two instructions for picture
    /// i.</param>
    /// <param name="seed">Seed of the noise on pixels.</param>
    /// <exception cref="ArgumentException">There are not two instructions for each picture.</exception>
    public InstructionEffect(PolicyInput input, ulong seed)
    {
        if (input.Words.Shape[0] != 2 * input.Images.Shape[0])
            throw new ArgumentException($"InstructionEffect: {input.Words.Shape[0]} instructions for {input.Images.Shape[0]} pictures");
        var random = new RandomSource(seed);
        var noisy = input.Images.Copy();
        foreach (ref var x in noisy.Span) x = Math.Clamp(x + PixelNoise * random.NextGaussian(), 0, 1);
        (_input, _noisy) = (input, input with { Images = noisy });
    }

    /// <summary>Whether a run measures after a step: the first, the last, and every twentieth of all, but not more often than every 200
    /// steps, which keeps it below a hundredth of the time.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="steps">Steps of the whole run.</param>
    public static bool IsDue(int step, int steps) => step == 1 || step == steps || step % Math.Max(LeastSpacing, steps / Points) == 0;

    /// <summary>Measures a policy with the weights it has.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="workers">Threads; the calling one when null.</param>
    /// <returns>Both changes, in standard deviations of the action.</returns>
    public (double Effect, double Noise) Measure(LanguagePolicy policy, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var (clean, noisy) = (Actions(policy, _input, workers), Actions(policy, _noisy, workers));
        var pictures = clean.Length / 2;
        return (Enumerable.Range(0, pictures).Average(i => Change(clean[2 * i], clean[2 * i + 1])),
            Enumerable.Range(0, clean.Length).Average(i => Change(clean[i], noisy[i])));
    }

    /// <summary>Both as they stand in the log.</summary>
    public IEnumerable<KeyValuePair<string, double>> Metrics(LanguagePolicy policy)
    {
        var (effect, noise) = Measure(policy, Workers.Single);
        return [new(EffectName, effect), new(NoiseName, noise)];
    }

    /// <summary>What a report of training says of it; null where it was not measured.</summary>
    public static (double Effect, double Noise)? Of(TrainingReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        double? effect = null, noise = null;
        foreach (var (name, value) in report.Metrics)
        {
            if (name == EffectName) effect = value;
            if (name == NoiseName) noise = value;
        }

        return effect is { } e && noise is { } n ? (e, n) : null;
    }

    private static float[][] Actions(LanguagePolicy policy, PolicyInput input, Workers? workers)
    {
        using var pass = Pass.Evaluation(workers: workers ?? Workers.Single);
        var actions = policy.Forward(input, pass).Action;
        var width = actions.Shape[1];
        return [.. Enumerable.Range(0, actions.Shape[0]).Select(i => actions.Span.Slice(i * width, width).ToArray())];
    }

    private static double Change(float[] a, float[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return Math.Sqrt(sum / a.Length);
    }
}
