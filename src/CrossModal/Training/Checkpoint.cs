using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>Everything needed to go on with a training run: a folder <c>checkpoint-000500</c> in the run's folder.</summary>
/// <remarks>
/// It holds <c>model.safetensors</c>, <c>optimizer.safetensors</c>, <c>average.safetensors</c> if weights are averaged, and
/// <c>training.json</c>. A folder is written under a name ending in <c>.tmp</c> and then renamed, and renamed back before it is deleted: a
/// folder without that ending is whole, whenever the process was killed.
/// </remarks>
public sealed class Checkpoint
{
    private const string Prefix = "checkpoint-";
    private const string Unfinished = ".tmp";
    private const string InfoFile = "training.json";
    private const string ModelName = "model.safetensors";
    private const string OptimizerName = "optimizer.safetensors";
    private const string AverageName = "average.safetensors";
    private const string StepKey = "step";
    private const string UpdatesKey = "updates";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        TypeInfoResolver = CheckpointJson.Default.WithAddedModifier(InitialValues.Keep),
    };

    private static JsonTypeInfo<CheckpointInfo> Form => (JsonTypeInfo<CheckpointInfo>)Json.GetTypeInfo(typeof(CheckpointInfo));

    private Checkpoint(string folder, CheckpointInfo info)
    {
        Folder = folder;
        Info = info;
    }

    /// <summary>The checkpoint's own folder.</summary>
    public string Folder { get; }

    /// <summary>What it says about the run.</summary>
    internal CheckpointInfo Info { get; }

    /// <summary>Whether averaged weights were saved.</summary>
    public bool HasAverage => File.Exists(PathOf(AverageName));

    /// <summary>The file of the parameters, which <see cref="ModelFile.Load(string, Module, CheckpointNames?)"/> reads.</summary>
    public string ModelPath => PathOf(ModelName);

    /// <summary>Saves a checkpoint and then deletes older ones.</summary>
    /// <param name="runFolder">The run's folder; made if need be.</param>
    /// <param name="info">About the run.</param>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">Its optimiser.</param>
    /// <param name="average">Its averaged weights, if any.</param>
    /// <param name="keep">How many checkpoints stay, this one included.</param>
    /// <returns>The new checkpoint.</returns>
    /// <exception cref="IOException">It cannot be written, or there is one of this step already.</exception>
    internal static Checkpoint Save(
        string runFolder, CheckpointInfo info, Module model, Optimizer optimizer, WeightAverage? average = null, int keep = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep);
        average?.RefuseWhileSwapped("saved");
        var folder = Path.Combine(runFolder, Prefix + info.Step.ToString("D6", CultureInfo.InvariantCulture));
        if (Directory.Exists(folder)) throw new IOException($"{folder}: there is a checkpoint of step {info.Step} already");
        Sweep(runFolder);

        var beside = folder + Unfinished;
        Directory.CreateDirectory(beside);
        var step = KeyValuePair.Create(StepKey, info.Step.ToString(CultureInfo.InvariantCulture));
        ModelFile.Save(Path.Combine(beside, ModelName), model, [step]);
        SafeTensors.Write(Path.Combine(beside, OptimizerName), optimizer.ExportState(), [step]);
        if (average is not null)
        {
            SafeTensors.Write(
                Path.Combine(beside, AverageName),
                average.Values.Select(a => KeyValuePair.Create(a.Key, a.Value.ToStored())),
                [step, KeyValuePair.Create(UpdatesKey, average.Updates.ToString(CultureInfo.InvariantCulture))]);
        }

        AtomicFile.Write(Path.Combine(beside, InfoFile), stream => JsonSerializer.Serialize(stream, info, Form));
        Directory.Move(beside, folder);
        foreach (var (_, old) in Whole(runFolder).Skip(keep)) Delete(old);
        return new Checkpoint(folder, info);
    }

    /// <summary>The newest whole checkpoint of a run, or null when there is none.</summary>
    /// <exception cref="FileFormatException">Its <c>training.json</c> is damaged.</exception>
    public static Checkpoint? Newest(string runFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        var newest = Whole(runFolder).FirstOrDefault(c => ((string[])[InfoFile, ModelName, OptimizerName])
            .All(f => File.Exists(Path.Combine(c.Folder, f))));
        return newest.Folder is null ? null : Open(newest.Folder);
    }

    /// <summary>Opens a checkpoint's own folder.</summary>
    /// <exception cref="FileFormatException">Its <c>training.json</c> is damaged; the message names the file and the key.</exception>
    /// <exception cref="IOException">There is none.</exception>
    public static Checkpoint Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, InfoFile);
        try
        {
            var info = JsonSerializer.Deserialize(JsonFile.Read(path), Form) ?? throw new JsonException("it is null");
            if (info.Step < 0) throw new JsonException($"'step' is {info.Step}");
            return new Checkpoint(folder, info);
        }
        catch (JsonException e)
        {
            throw new FileFormatException(path, Failure.Reason(e), e);
        }
    }

    /// <summary>Reads everything back.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">Its optimiser, or null to leave that out.</param>
    /// <param name="average">Its averaged weights, or null to leave them out.</param>
    /// <exception cref="FileFormatException">A file is damaged, of another step, or does not fit; the message names file and
    /// key.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public void Restore(Module model, Optimizer? optimizer = null, WeightAverage? average = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Fit(ModelName, file => model.Load(ModelFile.Tensors(PathOf(ModelName), file)));
        if (optimizer is not null) Fit(OptimizerName, file => optimizer.ImportState(file.Tensors));
        if (average is null) return;
        Fit(AverageName, file => average.Restore(ModelFile.Tensors(PathOf(AverageName), file), Number(AverageName, file, UpdatesKey)));
    }

    private void Fit(string name, Action<SafeTensorsFile> take)
    {
        var path = PathOf(name);
        var file = SafeTensors.Read(path);
        var step = Number(name, file, StepKey);
        if (step != Info.Step) throw new FileFormatException(path, $"it is of step {step}, {InfoFile} beside it of step {Info.Step}");
        try
        {
            take(file);
        }
        catch (ShapeException e)
        {
            throw new FileFormatException(path, Failure.Reason(e), e);
        }
    }

    private long Number(string name, SafeTensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FileFormatException(PathOf(name), $"the metadata has no whole number '{key}'");

    private string PathOf(string name) => Path.Combine(Folder, name);

    private static (int Step, string Folder)[] Whole(string runFolder)
    {
        if (!Directory.Exists(runFolder)) return [];
        var found = new List<(int Step, string Folder)>();
        foreach (var folder in Directory.EnumerateDirectories(runFolder, Prefix + "*"))
        {
            var number = Path.GetFileName(folder)[Prefix.Length..];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var step)) found.Add((step, folder));
        }

        return [.. found.OrderByDescending(c => c.Step)];
    }

    private static void Sweep(string runFolder)
    {
        Directory.CreateDirectory(runFolder);
        foreach (var folder in Directory.EnumerateDirectories(runFolder, $"{Prefix}*{Unfinished}").ToArray())
            Directory.Delete(folder, recursive: true);
    }

    private static void Delete(string folder)
    {
        Directory.Move(folder, folder + Unfinished);
        Directory.Delete(folder + Unfinished, recursive: true);
    }
}
