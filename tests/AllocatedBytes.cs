namespace CrossModal.Tests;

/// <summary>What code allocates on the calling thread, without what the runtime adds once.</summary>
internal static class AllocatedBytes
{
    private const int Windows = 5;

    /// <summary>
    /// The least number of managed bytes that one call of <paramref name="window"/> allocates, over at most five calls that follow each
    /// other. Code that allocates does so in every window; a collection that another test causes, or code that is compiled again,
    /// counts in one window only.
    /// </summary>
    public static long Least(Action window)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Windows && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            window();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
