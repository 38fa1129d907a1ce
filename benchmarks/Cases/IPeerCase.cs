namespace CrossModal.Benchmarks.Cases;

/// <summary>Something a peer is asked for by name.</summary>
internal interface IPeerCase
{
    /// <summary>Measures <paramref name="count"/> times; whole numbers in the unit of the case, nanoseconds unless it says
    /// otherwise.</summary>
    long[] Measure(int count);
}
