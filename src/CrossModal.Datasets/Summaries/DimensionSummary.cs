namespace CrossModal.Datasets;

/// <summary>What one number of a step is like over a data set.</summary>
/// <param name="Column">Name of its column.</param>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Least">Its least finite value.</param>
/// <param name="Most">Its greatest finite value.</param>
/// <param name="NotFinite">How many of its values are NaN or infinite.</param>
internal sealed record DimensionSummary(string Column, string Name, string Unit, double Least, double Most, long NotFinite)
{
    /// <summary>Whether it never changes.</summary>
    public bool IsConstant => Least == Most;
}
