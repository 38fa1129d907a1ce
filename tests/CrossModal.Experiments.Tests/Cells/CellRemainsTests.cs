using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Leases;

namespace CrossModal.Experiments.Tests.Cells;

/// <summary>What is left in the folder of a comparison by workers that were killed.</summary>
public sealed class CellRemainsTests : IDisposable
{
    private const string Finished = "0123456789abcdef";
    private const string Begun = "fedcba9876543210";
    private const string Pretrained = "00000000000000aa";
    private const string Unsaved = "00000000000000bb";
    private static readonly string Gone = (LeaseHolder.Here with { Start = LeaseHolder.Here.Start - 1 }).Line();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Remains_of_finished_cells_and_files_not_written_to_their_end_are_removed()
    {
        if (LeaseHolder.Here.Place is null) return;
        Leave();
        Store().RemoveRemains();
        Assert.Equal(["cell_0123456789abcdef.json"], Names("cells"));
        Assert.Empty(Names("films"));
        Assert.Equal([$"{Unsaved}.1", $"{Begun}.1"], Names("leases"));
        Assert.Equal([$"{Unsaved}.1", $"{Begun}.1"], Names("work"));
    }

    [Fact]
    public void While_another_holds_a_lease_no_file_that_is_being_written_is_removed()
    {
        if (LeaseHolder.Here.Place is null) return;
        Leave();
        File.WriteAllText(_folder[$"leases/{Begun}.2"], LeaseHolder.Here.Line());
        Store().RemoveRemains();
        Assert.Equal(2, Names("cells").Length);
        Assert.Single(Names("films"));
        Assert.Equal([$"{Unsaved}.1", $"{Begun}.1", $"{Begun}.2"], Names("leases"));
    }

    [Fact]
    public void A_lease_of_this_process_does_not_count_as_that_of_another()
    {
        if (LeaseHolder.Here.Place is null) return;
        Leave();
        var store = Store();
        using var held = store.Leases.Take("results");
        store.RemoveRemains();
        Assert.Single(Names("cells"));
        Assert.Contains("results.1", Names("leases"));
    }

    /// <summary>A cell whose workers were killed after one had kept the result, one whose worker was killed while it trained, one that had
    /// kept its policy and not its result, a pretrained policy whose lease was not ended, and two files half written.</summary>
    private void Leave()
    {
        foreach (var name in (string[])["cells", "films", "leases", $"work/{Finished}.1", $"work/{Begun}.1", $"work/{Unsaved}.1",
            $"policies/{Pretrained}", $"policies/{Unsaved}"])
            Directory.CreateDirectory(_folder[name]);
        CellFile.Write(_folder[$"cells/cell_{Finished}.json"], SampleCells.Result());
        foreach (var kind in (string[])["cells", "films"]) File.WriteAllText(_folder[$"{kind}/.{Guid.NewGuid():N}.tmp"], "{");
        foreach (var key in (string[])[Finished, Begun, Pretrained, Unsaved]) File.WriteAllText(_folder[$"leases/{key}.1"], Gone);

        // Killed before it had written who it was.
        File.WriteAllText(_folder[$"leases/{Finished}.2"], "");
    }

    private CellStore Store() => new(_folder.Path);

    private string[] Names(string kind) =>
        [.. Directory.GetFileSystemEntries(_folder[kind]).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
