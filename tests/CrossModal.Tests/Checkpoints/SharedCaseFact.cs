using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Checkpoints;

/// <summary>A test that needs folders of inputs that once failed; skipped, saying which is missing, where they are not beside the
/// repository.</summary>
internal sealed class SharedCaseFact : FactAttribute
{
    public SharedCaseFact(params string[] cases)
    {
        if (Array.Find(cases, c => !Directory.Exists(At(c))) is { } missing) Skip = $"shared/cases/{missing} is not beside the repository";
    }

    /// <summary>The folder of a case, and a file in it.</summary>
    public static string At(params string[] parts) => Path.Combine([Path.GetDirectoryName(ReferenceFolders.Golden)!, "cases", .. parts]);
}
