using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Data;

/// <summary>A test that needs something of <c>shared</c>; skipped, naming it, where it is not beside the repository.</summary>
internal sealed class SharedFact : FactAttribute
{
    /// <param name="parts">Path within <c>shared</c>.</param>
    public SharedFact(params string[] parts)
    {
        if (ReferenceFolders.Beside(parts) is null) Skip = $"shared/{string.Join('/', parts)} is not beside the repository";
    }
}
