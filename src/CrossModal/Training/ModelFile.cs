using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>The parameters of a module in a safetensors file, by their checkpoint names.</summary>
internal static class ModelFile
{
    /// <summary>Writes all parameters; a good file is replaced only by a whole one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="module">The module.</param>
    /// <param name="metadata">Free text to keep beside the parameters.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Save(string path, Module module, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        SafeTensors.Write(path, module.Parameters().Select(p => KeyValuePair.Create(p.Key, p.Value.ToStored())), metadata);
    }

    /// <summary>Reads all parameters into a module; after an exception the module is as it was.</summary>
    /// <param name="path">The file.</param>
    /// <param name="module">The module.</param>
    /// <param name="names">What the file calls the parameters; our own names when null.</param>
    /// <returns>The text that was kept beside the parameters.</returns>
    /// <exception cref="FileFormatException">The file is damaged, lacks a parameter, has one too many or one of another shape, or holds a
    /// number that is not finite; the message names the file and the parameters.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, Module module, CheckpointNames? names = null)
    {
        using var file = SafeTensors.Open(path);
        Load(file, module, names);
        return file.Metadata;
    }

    /// <summary>Reads all parameters into a module; after an exception the module is as it was.</summary>
    /// <param name="source">The tensors.</param>
    /// <param name="module">The module.</param>
    /// <param name="names">What the source calls the parameters; our own names when null.</param>
    /// <exception cref="FileFormatException">A parameter is missing, one too many, of another shape or not finite; the message names five
    /// of each kind and says how many more.</exception>
    public static void Load(ITensorSource source, Module module, CheckpointNames? names = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(module);
        try
        {
            var parameters = (names ?? CheckpointNames.Own).Match(module, source.Names, source.ShapeOf);
            var stored = parameters.GroupBy(p => p.Key).Select(g => g.ToArray()).ToArray();
            var reading = new Reading(source, stored, new float[stored.Length][]);
            Workers.Default.Run(stored.Length, ref reading);
            for (var i = 0; i < stored.Length; i++)
            {
                // An array belongs to one parameter: parts of it, and a tensor that two parameters are read from, are copied.
                foreach (var (parameter, start) in stored[i].Select(p => (p.Parameter, p.Start)))
                    parameter.Adopt(stored[i].Length == 1 ? reading.Values[i]
                        : reading.Values[i].AsSpan(start, parameter.Shape.Length).ToArray());
            }
        }
        catch (ShapeException e)
        {
            throw new FileFormatException(source.Location, e.Message, e);
        }
    }

    /// <summary>The tensors of a file, all of them finite.</summary>
    internal static Dictionary<string, Tensor> Tensors(string path, SafeTensorsFile file)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, stored) in file.Tensors)
        {
            var tensor = stored.ToTensor();
            RequireFinite(path, name, tensor.Shape, tensor.Span);
            tensors.Add(name, tensor);
        }

        return tensors;
    }

    private static void RequireFinite(string path, string name, Shape shape, ReadOnlySpan<float> values)
    {
        if (!VectorRow.IsFinite(values)) throw new FileFormatException(path, $"'{name}' {shape} holds a number that is not finite");
    }

    /// <summary>Reads each stored tensor into memory of its own, so that the module can stay as it was when a later one is bad.</summary>
    private readonly struct Reading(ITensorSource source, CheckpointEntry[][] stored, float[][] values) : IWorkBody
    {
        public float[][] Values => values;

        public void Execute(int part)
        {
            var entry = stored[part][0];
            values[part] = source.ReadSingles(entry.Key);
            RequireFinite(source.Location, entry.Key, entry.KeyShape, values[part]);
        }
    }
}
