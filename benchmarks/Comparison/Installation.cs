using System.Diagnostics;
using System.Globalization;
using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Onnx;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Which engines this machine has, how to start them, and how to get those that are missing.</summary>
internal sealed class Installation
{
    private const string DebianPython = "/usr/bin/python3";
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "peers");

    private static readonly Known[] Engines =
    [
        new("torch", "PyTorch", ["numpy", "torch"], "apt install python3-torch python3-numpy", "torch_peer.py"),
        new("torchomp", "PyTorch over OpenBLAS with OpenMP, the faster for training", ["numpy", "torch", "openblas-openmp"],
            "apt-get download libopenblas0-openmp; dpkg -x libopenblas0-openmp*.deb omp; " +
                "OMPBLAS=omp/usr/lib/x86_64-linux-gnu/openblas-openmp", "torch_peer.py"),
        new("openblas", "OpenBLAS", ["numpy", "openblas"], "apt install libopenblas0-pthread python3-numpy", "blas_peer.py"),
    ];

    private readonly string? _python;
    private readonly IReadOnlyDictionary<string, string> _found;
    private readonly SharedInputs _inputs;

    private Installation(string? python, IReadOnlyDictionary<string, string> found, SharedInputs inputs) =>
        (_python, _found, _inputs) = (python, found, inputs);

    /// <summary>Finds the engines; Python is the one named by PEER_PYTHON, else Debian's, else the first in the path.</summary>
    public static Installation Find(SharedInputs inputs)
    {
        string[] pythons = Environment.GetEnvironmentVariable("PEER_PYTHON") is { Length: > 0 } named ? [named] : File.Exists(DebianPython)
            ? [DebianPython, "python3"] : ["python3"];
        foreach (var python in pythons)
        {
            if (Found(python) is { } found) return new(python, found, inputs);
        }

        return new(null, new Dictionary<string, string>(), inputs);
    }

    /// <summary>Names and versions of what was found, our engine first.</summary>
    public IReadOnlyDictionary<string, string> Versions => new Dictionary<string, string>(_found)
    {
        [Plan.Ours] = OurBuild,
        [Plan.OnnxRuntime] = OnnxSession.Version,
    };

    /// <summary>What is missing, and how to get it, one line each.</summary>
    public IEnumerable<string> Missing(IEnumerable<string> engines) => _python is null
        ? engines.Any(e => Engines.Any(known => known.Name == e))
            ? ["Without PyTorch and OpenBLAS: no Python was found (apt install python3, or name one by PEER_PYTHON)."] : []
        : Engines.Where(e => engines.Contains(e.Name) && !Has(e.Name))
            .Select(e => $"Without {e.Title} ({string.Join(", ", e.Needs.Where(n => !_found.ContainsKey(n)))} not found). To have it: {e.Install}");

    /// <summary>Whether an engine can be started.</summary>
    public bool Has(string engine) => engine is Plan.Ours or Plan.OnnxRuntime || (_python is not null && Engines.Any(e => e.Name == engine
        && e.Needs.All(_found.ContainsKey)));

    /// <summary>How to start an engine.</summary>
    public ProcessStartInfo Start(string engine, int threads)
    {
        var count = threads.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start;
        if (engine is Plan.Ours or Plan.OnnxRuntime)
        {
            // Under "dotnet run" the process is our own program; under "dotnet file.dll" it is dotnet.
            var (program, command) = (Environment.ProcessPath!, engine == Plan.Ours ? PeerCommand.Name : OnnxPeerCommand.Name);
            start = Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? new(program, [typeof(Installation).Assembly.Location, command, count])
                : new(program, [command, count]);
        }
        else
        {
            start = new(_python!, [Path.Combine(Scripts, Engines.Single(e => e.Name == engine).Script), count]);
        }

        start.Environment["PEER_DATA"] = _inputs.Folder;
        foreach (var setting in PeerSettings.Set) start.Environment.Remove(setting.Name);

        // Two pools of threads that spin against each other make torch two to four times slower.
        if (engine == "torch") start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        if (engine == "torchomp") start.Environment["LD_LIBRARY_PATH"] = _found["openblas-openmp"];
        return start;
    }

    // The build, so that a resumed run never mixes two of them.
    private static string OurBuild => $"{typeof(Engine.Kernels.Workers).Assembly.GetName().Version} "
        + $"{typeof(Engine.Kernels.Workers).Assembly.ManifestModule.ModuleVersionId:N} {typeof(Fusion.FusionStrategy).Assembly.ManifestModule.ModuleVersionId:N}";

    private static Dictionary<string, string>? Found(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python,
                [Path.Combine(Scripts, "installed.py")])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            return process.ExitCode == 0 ? lines.Select(l => l.Split(' ', 2)).Where(w => w.Length == 2)
                .ToDictionary(w => w[0], w => w[1].Trim()) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private sealed record Known(string Name, string Title, string[] Needs, string Install, string Script);
}
