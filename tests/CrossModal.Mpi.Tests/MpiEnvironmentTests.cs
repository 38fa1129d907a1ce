namespace CrossModal.Mpi.Tests;

public sealed class MpiEnvironmentTests
{
    [Theory]
    [InlineData("", 1, false)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 4, false)]
    [InlineData("SLURM_STEP_NUM_TASKS=3", 3, true)]
    [InlineData("OMPI_COMM_WORLD_SIZE=2 SLURM_STEP_NUM_TASKS=1", 2, false)]
    [InlineData("OMPI_COMM_WORLD_SIZE=many", 1, false)]
    [InlineData("SLURM_NTASKS=8", 1, false)]
    public void The_number_of_processes_is_what_their_starter_says(string variables, int processes, bool slurm)
    {
        var known = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(v => v.Split('=')[0], v => v.Split('=')[1]);
        var environment = new MpiEnvironment(name => known.GetValueOrDefault(name));
        Assert.Equal((processes, slurm), (environment.Processes, environment.IsSlurm));
    }
}
