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
    /// <exception cref="FileFormatException">The file is damaged, has another shape, holds nothing or a number that is not
    /// finite.</exception>
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

    /// <summary>Reads which tokens are real, <c>[N]</c> or <c>[B, N]</c>: 1 or true for those that are, 0 or false for padding.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokens">The features the mask belongs to, <c>[B, N, d]</c>.</param>
    /// <exception cref="FileFormatException">The file is damaged, does not fit the features, or holds another number than 0 and
    /// 1.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Mask ReadMask(string path, Tensor tokens)
    {
        var array = Read(path);
        var (batch, count) = (tokens.Shape[0], tokens.Shape[1]);
        var shape = Shape.Of(array.Shape);
        if (shape != [batch, count] && !(batch == 1 && shape == [count]))
            throw new FileFormatException(path, $"the mask is {shape}, its features {tokens.Shape} need [{batch},{count}]");
        var numbers = array.ToDoubles();
        for (var i = 0; i < numbers.Length; i++)
            if (numbers[i] is not (0 or 1))
                throw new FileFormatException(path, FormattableString.Invariant(
                    $"the mask of token {i % count} of sample {i / count} is {numbers[i]}; a mask holds 1 or true for tokens that are real and 0 or false for padding{Conversion(numbers[i])}"));
        return Mask.Allowed(Array.ConvertAll(numbers, n => n == 1), [batch, 1, 1, count]);
    }

    /// <summary>How a mask with such a number is probably meant, as an expression of numpy.</summary>
    private static string Conversion(double number) => number switch
    {
        < 0 => ": convert one that is added to scores (0 for real, a low number for padding) with mask == 0",
        > 0 => ": convert one in which any number but 0 is real with mask != 0",
        _ => "",
    };

    /// <summary>The file behind a name that may choose one of its arrays.</summary>
    public static string FileOf(string path) => Split(path).File;

    private static StoredArray Read(string path)
    {
        var (file, name) = Split(path);
        if (!File.Exists(file))
            throw new FileNotFoundException($"{file}: {(Directory.Exists(file) ? "is a folder, not a file" : "there is no such file")}");
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".npz" => Npz.Read(file, Choose(file, name, Npz.Names(file))),
            ".safetensors" => ReadTensor(file, name),
            _ => Npy.Read(file),
        };
    }

    private static StoredArray ReadTensor(string file, string? name)
    {
        using var reader = SafeTensors.Open(file);
        return reader.Read(Choose(file, name, reader.Names));
    }

    private static (string File, string? Name) Split(string path)
    {
        // A colon in the file's own name, or after a drive letter, does not follow an ending.
        foreach (var ending in Containers)
            if (path.LastIndexOf(ending + ":", StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
                return (path[..(at + ending.Length)], path[(at + ending.Length + 1)..]);
        return (path, null);
    }

    /// <summary>Which of a file's arrays is meant.</summary>
    private static string Choose(string file, string? name, IReadOnlyCollection<string> arrays)
    {
        if (name is null && arrays.Count == 1) return arrays.Single();
        if (name is not null && arrays.Contains(name)) return name;
        var there = arrays.Count == 0 ? "there is none"
            : $"there are: {string.Join(", ", arrays.Take(12))}{(arrays.Count > 12 ? ", …" : "")}";
        throw new FileFormatException(file, name is null ? $"name one of its arrays as {Path.GetFileName(file)}:name; {there}"
            : $"has no array '{name}'; {there}");
    }
}
