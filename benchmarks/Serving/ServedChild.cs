using System.Diagnostics;
using System.Globalization;
using CrossModal.Benchmarks.Policies;
using CrossModal.Engine.Kernels;
using CrossModal.Server;
using CrossModal.Server.Batching;

namespace CrossModal.Benchmarks.Serving;

/// <summary>A policy server in a process of its own, so that its memory is not that of the clients.</summary>
internal sealed class ServedChild : IDisposable
{
    /// <summary>The command that the child runs.</summary>
    public const string Name = "served-policy";

    private const string Strategy = "cross-attention";
    private readonly Process _process;

    private ServedChild(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Resident memory, MB.</summary>
    public double Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="batch">Observations in a step at most.</param>
    public static ServedChild Start(int batch)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(ServedChild).Assembly.Location);
        start.ArgumentList.Add(Name);
        start.ArgumentList.Add(batch.ToString(CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var address = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the server did not start");
        return new ServedChild(process, new Uri(address));
    }

    /// <summary>Serves until its input ends.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        var batch = Options.Number(Name, args.Count == 1 ? args[0] : "", 1, 1024);
        using var workers = new Workers(1);
        var options = new ServerOptions
        {
            Policies = [new(Strategy, "")],
            Listen = new ServerListen { Port = 0 },
            Limits = new ServerLimits { Batch = batch, ActionMargin = 1e6, RequestsPerSecond = 100_000 },
        };
        var server = PolicyServer.StartAsync(options, _ =>
            new PolicyModel(new PolicyExample(Strategy).Trained, batch, clip: false, workers))
            .GetAwaiter().GetResult();
        server.WaitUntilReadyAsync().GetAwaiter().GetResult();
        Console.WriteLine(server.Address);
        Console.In.ReadToEnd();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(15))) _process.Kill();
        _process.Dispose();
    }
}
