using System.Globalization;

namespace CrossModal.Mpi;

/// <summary>What starters of processes say in the environment.</summary>
/// <param name="variable">Gives an environment variable.</param>
internal sealed class MpiEnvironment(Func<string, string?> variable)
{
    private const string MpirunSize = "OMPI_COMM_WORLD_SIZE";
    private const string SlurmSize = "SLURM_STEP_NUM_TASKS";

    /// <summary>How many processes were started together: by mpirun, or by srun; 1 for one that was started alone.</summary>
    public int Processes => Number(MpirunSize) ?? Number(SlurmSize) ?? 1;

    /// <summary>Whether it was srun.</summary>
    public bool IsSlurm => Number(MpirunSize) is null && Number(SlurmSize) is not null;

    private int? Number(string name) =>
        int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
