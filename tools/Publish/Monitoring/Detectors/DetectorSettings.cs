using System.Globalization;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>How a published detector is trained.</summary>
/// <param name="LearningRate">Learning rate.</param>
/// <param name="Penalty">L2 penalty, decoupled.</param>
internal sealed record DetectorSettings(double LearningRate, double Penalty)
{
    /// <summary>Learning rates and penalties within SAFE's own ranges (1e-4 to 1e-3, 1e-3 to 1).</summary>
    public static IReadOnlyList<DetectorSettings> Published { get; } =
        [.. from rate in new[] { 1e-4, 3e-4, 1e-3 } from penalty in new[] { 1e-3, 1e-2, 1e-1, 1.0 } select new DetectorSettings(rate,
            penalty)];

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"learning rate {LearningRate:0.####}, L2 {Penalty:0.###}");
}
