using System.Diagnostics;
using System.Globalization;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>A peer that runs beside us and answers line by line.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(3);

    // Of the processor time that systems report.
    private static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(3);

    private readonly Process _process;
    private readonly string _name;

    /// <summary>Starts it and waits until it is ready. What it writes to its error output is dropped.</summary>
    /// <exception cref="PeerException">It does not start.</exception>
    public PeerProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        var errors = new Queue<string>();
        _process = Process.Start(start) ?? throw new PeerException($"{name} does not start");

        // Read all along: a peer whose error output fills up would wait forever. The last lines explain a death.
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                if (string.IsNullOrWhiteSpace(line.Data)) return;
                errors.Enqueue(line.Data);
                if (errors.Count > 3) errors.Dequeue();
            }
        };
        _process.BeginErrorReadLine();
        try
        {
            Answer("ready");
        }
        catch (PeerException e)
        {
            Dispose();
            lock (errors) throw new PeerException($"{e.Message}{(errors.Count > 0 ? ": " + string.Join(" | ", errors) : "")}");
        }
    }

    /// <summary>Time of the last answer over the processor time the peer was given for it, at least 1.</summary>
    public double Waited { get; private set; } = 1;

    /// <summary>The numbers a peer answers with.</summary>
    /// <exception cref="PeerException">It answers that it cannot, does not answer in time, or ends.</exception>
    public double[] Ask(string name, int count)
    {
        var (start, given) = (Stopwatch.GetTimestamp(), ProcessorTime);
        try
        {
            _process.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"{name} {count}\n"));
            _process.StandardInput.Flush();
        }
        catch (IOException e)
        {
            throw new PeerException($"{_name} ended: {e.Message}", gone: true);
        }

        var words = Answer("ok", "err").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Waited = Math.Max(1, Stopwatch.GetElapsedTime(start) / Max(ProcessorTime - given, Granularity));
        if (words[0] == "err") throw new PeerException($"{_name} {name}: {string.Join(' ', words[1..])}");
        double[] numbers = [.. words[1..].Select(w => double.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n
            : double.NaN)];
        return numbers.Length > 0 && numbers.All(double.IsFinite) ? numbers
            : throw new PeerException($"{_name} {name}: answered '{string.Join(' ', words)}'");
    }

    /// <summary>Says goodbye; ends the process when it does not go.</summary>
    public void Dispose()
    {
        try
        {
            if (_process.HasExited) return;
            _process.StandardInput.Write("quit\n");
            _process.StandardInput.Close();
            if (!_process.WaitForExit(LongestGoodbye)) _process.Kill();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It went by itself.
        }
        finally
        {
            _process.Dispose();
        }
    }

    private TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? TimeSpan.Zero : _process.TotalProcessorTime;
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    // Libraries print what they like; only lines of the protocol are answers.
    private string Answer(params string[] beginnings)
    {
        var until = Stopwatch.StartNew();
        while (true)
        {
            var reading = _process.StandardOutput.ReadLineAsync();
            var left = LongestAnswer - until.Elapsed;
            if (left <= TimeSpan.Zero || !reading.Wait(left))
            {
                _process.Kill();
                throw new PeerException($"{_name} did not answer for {LongestAnswer.TotalMinutes} minutes", gone: true);
            }

            var line = reading.Result ?? throw new PeerException($"{_name} ended", gone: true);
            if (beginnings.Any(b => line == b || line.StartsWith(b + " ", StringComparison.Ordinal))) return line;
        }
    }
}
