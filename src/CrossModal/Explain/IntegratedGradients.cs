using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>Integrated gradients (Sundararajan et al. 2017): (x − x′) ∘ Σ_k w_k ∇y(x′ + α_k(x − x′)), from a picture x′ of the mean colour
/// of each camera, by Gauss–Legendre quadrature, summed over the pixels of a patch.</summary>
/// <remarks>The map holds magnitudes; <see cref="ExplanationMap.Signed"/> what speaks for and against. What is left of completeness,
/// |Σ IG − (y(x) − y(x′))| / |y(x) − y(x′)|, stands in <see cref="ExplanationMap.Residual"/>.</remarks>
/// <param name="steps">Number of points.</param>
internal sealed class IntegratedGradients(int steps = 50) : IMapMethod
{
    private const int AtOnce = 16;

    private readonly int _steps = steps > 0 ? steps
        : throw new ArgumentOutOfRangeException(nameof(steps), $"IntegratedGradients: needs at least one point, got {steps}");

    /// <inheritdoc/>
    public string Name => "integrated-gradients";

    /// <inheritdoc/>
    public string Summary => "gradients summed on the way from a picture of mean colour, times the way (Sundararajan et al. 2017)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Gradients | MapNeeds.Passes;

    /// <inheritdoc/>
    public bool OfWords => false;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var (x, from) = (decision.Pictures, PictureFill.MeanColor(decision.Pictures));
        var (nodes, weights) = GaussLegendre(_steps);
        var (length, sums) = (x.Shape.Length, new double[x.Shape.Length]);
        for (var first = 0; first < _steps; first += AtOnce)
        {
            var count = Math.Min(AtOnce, _steps - first);
            var points = new float[count * length];
            for (var k = 0; k < count; k++)
                for (var i = 0; i < length; i++)
                    points[k * length + i] = (float)(from.Span[i] + nodes[first + k] * (x.Span[i] - from.Span[i]));
            var (_, gradient) = decision.Gradient(Tensor.From(points, decision.Batch(count)));
            for (var k = 0; k < count; k++)
                for (var i = 0; i < length; i++) sums[i] += weights[first + k] * gradient.Span[k * length + i];
        }

        var attributed = Tensor.Zeros(x.Shape);
        for (var i = 0; i < length; i++) attributed.Span[i] = (float)((x.Span[i] - from.Span[i]) * sums[i]);
        var signed = PatchSum.Of(attributed, decision.Grid);
        var difference = decision.Score(decision.Outputs) - decision.Score(decision.Decide(from)[0]);
        var missing = Math.Abs(signed.Sum(view => view.Sum(v => (double)v)) - difference);
        return new ExplanationMap(this, decision.Grid, 1, [.. signed.Select(view => Array.ConvertAll(view, Math.Abs))])
        {
            Signed = signed,
            Residual = difference == 0 ? missing == 0 ? 0 : double.PositiveInfinity : missing / Math.Abs(difference),
        };
    }

    /// <summary>Points and weights of Gauss–Legendre quadrature on [0, 1]: exact for polynomials of degree 2n − 1.</summary>
    internal static (double[] Nodes, double[] Weights) GaussLegendre(int count)
    {
        var (nodes, weights) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            // Newton's method on the Legendre polynomial, from the usual guess.
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            var slope = 0.0;
            for (var iteration = 0; iteration < 100; iteration++)
            {
                var (before, value) = (1.0, x);
                for (var n = 2; n <= count; n++) (before, value) = (value, ((2 * n - 1) * x * value - (n - 1) * before) / n);
                slope = count * (x * value - before) / (x * x - 1);
                var step = value / slope;
                x -= step;
                if (Math.Abs(step) < 1e-15) break;
            }

            (nodes[i], weights[i]) = ((1 - x) / 2, 1 / ((1 - x * x) * slope * slope));
        }

        return (nodes, weights);
    }
}
