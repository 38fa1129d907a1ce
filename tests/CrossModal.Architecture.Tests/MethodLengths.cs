using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CrossModal.Architecture.Tests;

/// <summary>How many lines the bodies of an assembly's methods take, by the sequence points of its symbols.</summary>
internal static class MethodLengths
{
    // Sequence points of code that has no line.
    private const int Hidden = 0xFEEFEE;

    /// <summary>The methods: name, lines from the opening to the closing brace, and whether it is a register tile: a kernel that is
    /// compiled at the highest level at once. Constructors are left out, since initializers of fields count as theirs.</summary>
    public static IEnumerable<(string Name, int Lines, bool IsTile)> Of(string assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly, ".pdb")));
        var (metadata, lines) = (image.GetMetadataReader(), symbols.GetMetadataReader());
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.Attributes.HasFlag(MethodAttributes.SpecialName) && metadata.GetString(method.Name).StartsWith('.')) continue;
            var points = lines.GetMethodDebugInformation(handle.ToDebugInformationHandle()).GetSequencePoints()
                .Where(point => point.StartLine != Hidden).ToList();
            if (points.Count == 0 || points.Any(p => IsGenerated(lines.GetString(lines.GetDocument(p.Document).Name)))) continue;
            var type = metadata.GetTypeDefinition(method.GetDeclaringType());
            yield return ($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}.{metadata.GetString(method.Name)}",
                points.Max(point => point.EndLine) - points.Min(point => point.StartLine) + 1,
                metadata.GetString(type.Namespace) == "CrossModal.Engine.Kernels"
                && method.ImplAttributes.HasFlag(MethodImplAttributes.AggressiveOptimization));
        }
    }

    private static bool IsGenerated(string file) => file.EndsWith(".g.cs", StringComparison.Ordinal);
}
