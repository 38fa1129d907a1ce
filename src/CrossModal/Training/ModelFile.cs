using System.Numerics.Tensors;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using Tensor = CrossModal.Engine.Tensors.Tensor;

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
        var file = SafeTensors.Read(path);
        try
        {
            module.Load(Tensors(path, file));
        }
        catch (ShapeException e)
        {
            throw new FileFormatException(path, e.Message, e);
        }

        return file.Metadata;
    }

    /// <summary>The tensors of a file, all of them finite.</summary>
    internal static Dictionary<string, Tensor> Tensors(string path, SafeTensorsFile file)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, stored) in file.Tensors)
        {
            var tensor = stored.ToTensor();
            if (!TensorPrimitives.IsFiniteAll<float>(tensor.Span)) throw new FileFormatException(path, $"'{name}' {tensor.Shape} holds a number that is not finite");
            tensors.Add(name, tensor);
        }

        return tensors;
    }
}
