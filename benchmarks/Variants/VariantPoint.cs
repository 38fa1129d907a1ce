namespace CrossModal.Benchmarks.Variants;

/// <summary>One variant at one size.</summary>
/// <param name="Variant">The variant as the command line names it; <c>full</c> for full attention.</param>
/// <param name="Own">Whether patches attend to patches; otherwise words do.</param>
/// <param name="Visuals">Visual tokens Nv.</param>
/// <param name="Microseconds">Best time of all queries.</param>
/// <param name="Speedup">Time of full attention over this one's.</param>
internal sealed record VariantPoint(string Variant, bool Own, int Visuals, double Microseconds, double Speedup)
{
    /// <summary>What everything is compared with.</summary>
    public const string Full = "full";

    /// <summary>From how many visual tokens a variant is faster than full attention and stays so, between the points measured (on a
    /// logarithmic scale); null when it never is. The least measured when it always is.</summary>
    /// <param name="points">Points of one variant, of rising numbers of visual tokens.</param>
    public static double? PaysFrom(IReadOnlyList<VariantPoint> points)
    {
        if (points.Count == 0 || points[^1].Speedup <= 1) return null;
        var first = points.Count - 1;
        while (first > 0 && points[first - 1].Speedup > 1) first--;
        if (first == 0) return points[0].Visuals;
        var (before, after) = (points[first - 1], points[first]);
        var share = Math.Log(before.Speedup) / (Math.Log(before.Speedup) - Math.Log(after.Speedup));
        return before.Visuals * Math.Pow((double)after.Visuals / before.Visuals, share);
    }
}
