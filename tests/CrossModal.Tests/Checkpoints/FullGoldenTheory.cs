using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Checkpoints;

/// <summary>A test that needs reference files of a group that a fresh clone does not hold; skipped, with the reason, where they are not.</summary>
internal sealed class FullGoldenTheory : TheoryAttribute
{
    public FullGoldenTheory(string group)
    {
        if (!Directory.Exists(Path.Combine(ReferenceFolders.Golden, group))) Skip = $"the reference files of the group {group} are not beside the repository";
    }
}
