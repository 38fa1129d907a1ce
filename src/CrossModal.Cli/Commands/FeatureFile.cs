using CrossModal.Attention;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;

namespace CrossModal.Cli.Commands;

/// <summary>
/// Features and masks in .npy, .npz or .safetensors files. Of a file with several arrays one is chosen by name: <c>file.npz:name</c>.
/// </summary>
internal static class FeatureFile
{
    private static readonly string[] Containers = [".npz", ".safetensors"];

    /// <summary>Reads features <c>[N, d]</c> or <c>[B, N, d]</c>, as <c>[B, N, d]</c>.</summary>
    /// <exception cref="FileFormatException">The file is damaged, has another shape, holds nothing or a number that is not finite.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Tensor ReadTokens(string path)
    {
        var array = Read(path);
        Shape shape = array.Shape.Length switch
        {
            2 => [1, array.Shape[0], array.Shape[1]],
            3 => Shape.Of(array.Shape),
            _ => throw new FileFormatException(path, $"features must be [N, d] or [B, N, d], got {Shape.Of(array.Shape)}"),
        };
        if (shape.Length == 0) throw new FileFormatException(path, $"{Shape.Of(array.Shape)} holds no feature");
        var values = array.ToSingles();
        for (var i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i]))
                throw new FileFormatException(path, FormattableString.Invariant(
                    $"token {i / shape[2] % shape[1]} of sample {i / shape[2] / shape[1]} holds {values[i]}, at feature {i % shape[2]}"));
        return Tensor.From(values, shape);
    }

    /// <summary>Reads which tokens are real, <c>[N]</c> or <c>[B, N]</c>: anything but 0 is; 0 is padding.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokens">The features the mask belongs to, <c>[B, N, d]</c>.</param>
    /// <exception cref="FileFormatException">The file is damaged or does not fit the features.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Mask ReadMask(string path, Tensor tokens)
    {
        var array = Read(path);
        var (batch, count) = (tokens.Shape[0], tokens.Shape[1]);
        var shape = Shape.Of(array.Shape);
        if (shape != [batch, count] && !(batch == 1 && shape == [count]))
            throw new FileFormatException(path, $"the mask is {shape}, its features {tokens.Shape} need [{batch},{count}]");
        return Mask.Allowed(array.ToBooleans(), [batch, 1, 1, count]);
    }

    private static StoredArray Read(string path)
    {
        var (file, name) = Split(path);
        if (!File.Exists(file)) throw new FileNotFoundException($"{file}: {(Directory.Exists(file) ? "is a folder, not a file" : "there is no such file")}");
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".npz" => Choose(file, name, Npz.Read(file)),
            ".safetensors" => Choose(file, name, SafeTensors.Read(file).Tensors),
            _ => Npy.Read(file),
        };
    }

    private static (string File, string? Name) Split(string path)
    {
        // A colon in the file's own name, or after a drive letter, does not follow an ending.
        foreach (var ending in Containers)
            if (path.LastIndexOf(ending + ":", StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
                return (path[..(at + ending.Length)], path[(at + ending.Length + 1)..]);
        return (path, null);
    }

    private static StoredArray Choose(string file, string? name, IReadOnlyDictionary<string, StoredArray> arrays)
    {
        if (name is null && arrays.Count == 1) return arrays.Values.Single();
        if (name is not null && arrays.TryGetValue(name, out var chosen)) return chosen;
        var there = arrays.Count == 0 ? "there is none" : $"there are: {string.Join(", ", arrays.Keys.Take(12))}{(arrays.Count > 12 ? ", …" : "")}";
        throw new FileFormatException(file, name is null ? $"name one of its arrays as {Path.GetFileName(file)}:name; {there}" : $"has no array '{name}'; {there}");
    }
}
