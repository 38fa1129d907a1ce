using System.Text.RegularExpressions;
using System.Xml.Linq;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Architecture.Tests;

/// <summary>What the tool compiled ahead of time is built without.</summary>
public sealed class AheadOfTimeTests
{
    /// <summary>Projects that are no part of the tool on its own.</summary>
    private static readonly string[] Apart = ["CrossModal.Server", "CrossModal.Mpi"];

    [Fact]
    public void A_parser_that_the_tool_on_its_own_is_built_without_is_called_nowhere_in_it()
    {
        var sources = Path.Combine(ReferenceFolders.Repository, "src");
        var stubs = XDocument.Load(Path.Combine(sources, "CrossModal.Cli", "AheadOfTime.Alone.Substitutions.xml")).Descendants("method")
            .Select(method => (Type: $"{method.Parent!.Attribute("fullname")!.Value}".Split('.')[^1],
                Name: Regex.Match(method.Attribute("signature")!.Value, @" (\w+)\(").Groups[1].Value)).ToList();
        Assert.Contains(("Uri", "TryCreate"), stubs);
        var files = ImportRuleTests.Sources("src").Where(path =>
            !Apart.Contains(Path.GetRelativePath(sources, path).Split(Path.DirectorySeparatorChar)[0])).ToList();
        Assert.True(files.Count > 500, $"{files.Count}");
        foreach (var path in files)
        {
            var text = File.ReadAllText(path);
            Assert.All(stubs, stub => Assert.False(Regex.IsMatch(text, $@"\b{stub.Type}\.{stub.Name}\("),
                $"{path}: {stub.Type}.{stub.Name} always fails in the tool compiled ahead of time: take it out of " +
                "AheadOfTime.Alone.Substitutions.xml"));
        }
    }
}
