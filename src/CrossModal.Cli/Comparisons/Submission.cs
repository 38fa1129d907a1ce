using CrossModal.Cli.Hosting;

namespace CrossModal.Cli.Comparisons;

/// <summary>A file that makes a cluster start workers of a comparison, and nothing else.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Text">Its content.</param>
/// <param name="Start">The program that takes it, with its arguments.</param>
internal sealed record Submission(string Name, string Text, string Start)
{
    /// <summary>The clusters there is a file for.</summary>
    public static IReadOnlyList<string> Clusters { get; } = ["slurm", "k8s"];

    /// <summary>Makes the file for a cluster.</summary>
    /// <param name="cluster">One of <see cref="Clusters"/>.</param>
    /// <param name="arguments">The command line of a worker, without the tool.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="folder">The folder of the comparison.</param>
    public static Submission For(string cluster, IReadOnlyList<string> arguments, int workers, string folder) =>
        cluster == "slurm" ? Slurm(arguments, workers, folder) : Kubernetes(arguments, workers);

    private static Submission Slurm(IReadOnlyList<string> arguments, int workers, string folder) => new("workers.sh",
        $"""
        #!/usr/bin/env bash
        # A job array of {workers} workers. Each takes cells of {CommandContext.Shell([folder])} as long as there are any; one that is
        # killed, preempted or out of time is replaced by the others, or by another submission of this file.
        #SBATCH --job-name=crossmodal-compare
        #SBATCH --array=0-{workers - 1}
        #SBATCH --ntasks=1
        #SBATCH --cpus-per-task=1
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --chdir={Environment.CurrentDirectory}
        #SBATCH --output={Path.GetFullPath(folder)}/worker-%A-%a.log
        exec {CommandContext.Shell([.. ToolHere, .. arguments])}

        """.ReplaceLineEndings("\n"), "sbatch");

    private static Submission Kubernetes(IReadOnlyList<string> arguments, int workers) => new("workers.yaml",
        $$"""
        # An Indexed Job of {{workers}} workers. Each takes cells as long as there are any; those of one that dies are taken over by others.
        # To be adapted: the image, which holds the tool, and the claim, a volume that many nodes can write (ReadWriteMany).
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: crossmodal-compare
        spec:
          completionMode: Indexed
          completions: {{workers}}
          parallelism: {{workers}}
          backoffLimit: {{6 * workers}}
          template:
            spec:
              restartPolicy: OnFailure
              containers:
                - name: worker
                  image: crossmodal:{{Tool.Version}}
                  workingDir: /data
                  command: [{{string.Join(", ", arguments.Prepend("crossmodal").Select(Quoted))}}]
                  resources:
                    requests: { cpu: "1" }
                    limits: { cpu: "1" }
                  volumeMounts:
                    - { name: data, mountPath: /data }
              volumes:
                - name: data
                  persistentVolumeClaim: { claimName: crossmodal }

        """.ReplaceLineEndings("\n"), "kubectl apply -f");

    /// <summary>What starts the tool on this machine.</summary>
    private static string[] ToolHere => Environment.ProcessPath is { } program && Path.GetFileNameWithoutExtension(program) != "dotnet"
        ? [program] : ["dotnet", Path.GetFullPath(Environment.GetCommandLineArgs()[0])];

    private static string Quoted(string word) => $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
