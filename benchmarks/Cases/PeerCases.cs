using System.Globalization;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Cases;

/// <summary>What our engine answers to: the cases by name.</summary>
internal sealed class PeerCases(SharedInputs inputs, Workers workers, TextWriter log)
{
    /// <summary>Prepares a case; its error goes to the log.</summary>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    /// <exception cref="InvalidDataException">Its result is wrong, or its inputs are.</exception>
    public IPeerCase Make(string name)
    {
        var (kind, rest) = Split(name);
        switch (kind)
        {
            case "train" when rest == "policy": return new TrainingCase(workers.Threads, allocation: false);
            case "alloc" when rest == "train:policy": return new TrainingCase(workers.Threads, allocation: true);
            case "alloc": return new AllocationCase(Job(rest));
            case "error": return new ErrorCase(Job(rest));
            case "memory": return new WorkingMemoryCase(Count(rest), workers);
            default:
                var timed = new TimedCase(Job(name));
                log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# ours {name} max err {timed.MaxError:E2}"));
                return timed;
        }
    }

    private IJob Job(string name)
    {
        var (kind, rest) = Split(name);
        return kind switch
        {
            "ord" => Layer(rest, Association.Ordinary, cached: false),
            "abs" => Layer(rest, Association.Absorbed, cached: false),
            "auto" => Layer(rest, Association.Cheaper, cached: false),
            "cached" => Layer(rest, Association.Cheaper, cached: true),
            "net4" => new FrameJob(inputs.Read(Network.FourBlocks(LayerShape.Named(rest))), Association.Cheaper, cached: true, workers),
            "gemm" => new ProductJob(ProductSize.Parse(rest), constant: true, workers),
            "gemmdyn" => new ProductJob(ProductSize.Parse(rest), constant: false, workers),
            "policy" => new PolicyJob(rest, workers),
            "long" => LongInput.Job(Count(rest), workers),
            _ => throw new ArgumentException($"there is no case '{name}'"),
        };
    }

    private FrameJob Layer(string name, Association association, bool cached) =>
        new(inputs.Read(Network.Layer(LayerShape.Named(name))), association, cached, workers);

    private static (string Kind, string Name) Split(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? (name[..colon], name[(colon + 1)..]) : throw new ArgumentException($"'{name}' is not a case like auto:a");
    }

    private static int Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? count
        : throw new ArgumentException($"'{text}' is not a number");
}
