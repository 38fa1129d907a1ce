using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>What ranks report of the shards they computed, beside the gradients: losses and metrics of parts, which parameters got a
/// gradient, and whether anybody was asked to stop.</summary>
internal static class ShardReports
{
    /// <summary>Writes the report of a rank.</summary>
    /// <param name="stop">Whether it was asked to stop.</param>
    /// <param name="parts">The parts it computed.</param>
    /// <param name="losses">Their losses.</param>
    /// <param name="gradients">The gradients of its shards.</param>
    /// <param name="numbers">Numbers of the parameters.</param>
    public static byte[] Write(bool stop, ReadOnlySpan<TrainingBatch> parts, ReadOnlySpan<double> losses,
        ReadOnlySpan<Gradients> gradients, IReadOnlyDictionary<Tensor, int> numbers)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(stop);
        for (var i = 0; i < parts.Length; i++)
        {
            writer.Write(losses[i]);
            writer.Write(parts[i].Metrics.Count);
            foreach (var (name, value) in parts[i].Metrics)
            {
                writer.Write(name);
                writer.Write(value);
            }
        }

        foreach (var shard in gradients)
        {
            writer.Write(shard.Count);
            foreach (var filled in shard.Filled) writer.Write(numbers[filled]);
        }

        return stream.ToArray();
    }

    /// <summary>Reads the report of a rank; returns whether it was asked to stop.</summary>
    /// <param name="report">The report.</param>
    /// <param name="parts">The parts it computed; they get its metrics.</param>
    /// <param name="losses">Receives the losses.</param>
    /// <param name="filled">Receives, for each of its shards, the numbers of the parameters that got a gradient.</param>
    public static bool Read(byte[] report, ReadOnlySpan<TrainingBatch> parts, Span<double> losses, Span<int[]> filled)
    {
        using var reader = new BinaryReader(new MemoryStream(report));
        var stop = reader.ReadBoolean();
        for (var i = 0; i < parts.Length; i++)
        {
            losses[i] = reader.ReadDouble();
            parts[i].Metrics.Clear();
            for (var metrics = reader.ReadInt32(); metrics > 0; metrics--)
                parts[i].Metrics.Add(new(reader.ReadString(), reader.ReadDouble()));
        }

        for (var shard = 0; shard < filled.Length; shard++)
        {
            filled[shard] = new int[reader.ReadInt32()];
            for (var i = 0; i < filled[shard].Length; i++) filled[shard][i] = reader.ReadInt32();
        }

        return stop;
    }
}
