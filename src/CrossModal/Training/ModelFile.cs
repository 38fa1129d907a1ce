using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>The parameters of a module in a safetensors file, by their checkpoint names.</summary>
public static class ModelFile
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
    /// <returns>The text that was kept beside the parameters.</returns>
    /// <exception cref="FileFormatException">The file is damaged, lacks a parameter, has one too many or one of another shape, or holds a
    /// number that is not finite; the message names the file and the parameters.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var file = SafeTensors.Open(path);
        try
        {
            module.RequireFit(file.Names, file.ShapeOf);
        }
        catch (ShapeException e)
        {
            throw new FileFormatException(path, e.Message, e);
        }

        var parameters = module.Parameters().ToArray();
        var reading = new Reading(path, file, parameters, new float[parameters.Length][]);
        Workers.Default.Run(parameters.Length, ref reading);
        for (var i = 0; i < parameters.Length; i++) parameters[i].Value.Adopt(reading.Values[i]);
        return file.Metadata;
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

    /// <summary>Reads each parameter into memory of its own, so that the module can stay as it was when a later one is bad.</summary>
    private readonly struct Reading(string path, SafeTensorsReader file, KeyValuePair<string, Tensor>[] parameters, float[][] values) : IWorkBody
    {
        public float[][] Values => values;

        public void Execute(int part)
        {
            var (name, parameter) = parameters[part];
            values[part] = file.ReadSingles(name);
            RequireFinite(path, name, parameter.Shape, values[part]);
        }
    }
}
