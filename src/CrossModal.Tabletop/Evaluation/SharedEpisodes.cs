using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossModal.Tabletop.Scenes;
using CrossModal.Training;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>Gives every rank the episodes that each of them ran; pictures stay with who drew them.</summary>
internal static class SharedEpisodes
{
    /// <summary>The groups of all ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="groups">One list of episodes for each group; null where another rank ran it.</param>
    public static IReadOnlyList<EpisodeResult>[] Gather(TrainingRanks ranks, IReadOnlyList<IReadOnlyList<EpisodeResult>?> groups)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var (group, episodes) in groups.Index())
        {
            if (episodes is null) continue;
            writer.Write(group);
            writer.Write(episodes.Count);
            foreach (var episode in episodes) Write(writer, episode);
        }

        var whole = new IReadOnlyList<EpisodeResult>[groups.Count];
        foreach (var (rank, bytes) in ranks.Gather(stream.ToArray()).Index())
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            while (reader.BaseStream.Position < bytes.Length)
            {
                var group = reader.ReadInt32();
                var episodes = new EpisodeResult[reader.ReadInt32()];
                for (var i = 0; i < episodes.Length; i++) episodes[i] = Read(reader);
                whole[group] = rank == ranks.Rank ? groups[group]! : episodes;
            }
        }

        return whole;
    }

    private static void Write(BinaryWriter writer, EpisodeResult episode)
    {
        writer.Write(episode.Instruction);
        Write(writer, new Numbers(episode.Index, episode.Seed, episode.Steps, (int)episode.Failure, episode.FirstTouched,
            episode.TouchedTargetFirst ? 1 : 0, episode.FinalDistance, episode.Chance, episode.TargetError, episode.PointedAtTarget ? 1 : 0,
            episode.FinalScene.Gripper));
        WriteAll(writer, episode.FinalScene.Objects.AsSpan());
        WriteAll(writer, [.. episode.ToolPath]);
    }

    private static EpisodeResult Read(BinaryReader reader)
    {
        var (instruction, n) = (reader.ReadString(), Read<Numbers>(reader));
        var objects = ReadAll<TabletopObject>(reader);
        return new EpisodeResult(n.Index, n.Seed, instruction, n.Steps, (FailureReason)n.Failure, n.FirstTouched, n.TouchedTargetFirst != 0,
            n.FinalDistance, new Scene(ImmutableCollectionsMarshal.AsImmutableArray(objects), n.Gripper), [])
        {
            ToolPath = ReadAll<Point>(reader),
            Chance = n.Chance,
            TargetError = n.TargetError,
            PointedAtTarget = n.PointedAtTarget != 0,
        };
    }

    private static void Write<T>(BinaryWriter writer, T value)
        where T : unmanaged => writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private static T Read<T>(BinaryReader reader)
        where T : unmanaged => MemoryMarshal.Read<T>(reader.ReadBytes(Unsafe.SizeOf<T>()));

    private static void WriteAll<T>(BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    private static T[] ReadAll<T>(BinaryReader reader)
        where T : unmanaged
    {
        var values = new T[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private readonly record struct Numbers(int Index, ulong Seed, int Steps, int Failure, int FirstTouched, int TouchedTargetFirst,
        float FinalDistance, double Chance, float TargetError, int PointedAtTarget, Gripper Gripper);
}
