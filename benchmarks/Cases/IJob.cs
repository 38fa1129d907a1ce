namespace CrossModal.Benchmarks.Cases;

/// <summary>Work that can be repeated, and judged.</summary>
internal interface IJob
{
    /// <summary>Does the work once.</summary>
    void Call();

    /// <summary>Does the work once and returns the largest difference from a result in float64.</summary>
    double MaxError();
}
