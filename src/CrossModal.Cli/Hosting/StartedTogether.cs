#if MPI
using CrossModal.Mpi;
#endif
using CrossModal.Training;

namespace CrossModal.Cli.Hosting;

/// <summary>Connects processes that mpirun or srun started together.</summary>
internal static class StartedTogether
{
    /// <summary>Connects them.</summary>
    /// <param name="lost">Told which of them ended before its time, where it ran, and its error if it gave one.</param>
    /// <returns>The ranks; null for a process that was started alone.</returns>
    /// <exception cref="IOException">They cannot be connected; the message says what to do.</exception>
    public static TrainingRanks? Connect(Action<int, string, string?> lost)
    {
#if MPI
        return MpiRanks.Start(lost);
#else
        return Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is null or "1" ? null
            : throw new IOException("this tool, compiled ahead of time, runs as one process; the tool on .NET shares work out by MPI");
#endif
    }
}
