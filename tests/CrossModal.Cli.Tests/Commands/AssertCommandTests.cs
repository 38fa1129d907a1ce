using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;

namespace CrossModal.Cli.Tests.Commands;

public sealed class AssertCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_line_says_lift_p_and_n_and_one_that_does_not_hold_gives_1()
    {
        var run = Run("# words of a policy that learned nothing\n\nred attends to named lift 0.01 p 0.2\ncup attends to target lift 5 p " +
            "0.01\n");
        Assert.Equal(1, run.ExitCode);
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.Matches("^PASS  red attends to the object it names: median lift \\d+\\.\\d \\(above 0\\.01\\), p = 0\\.\\d{4} \\(below " +
            "0\\.2\\), n = \\d+$",
            lines[0]);
        Assert.StartsWith("FAIL  cup attends to the target: median lift", lines[1], StringComparison.Ordinal);
        Assert.Equal("1 of 2 do not hold", lines[2]);
        Assert.Equal([3, 4], JsonNode.Parse(File.ReadAllText(_folder["result.json"]))!["assertions"]!.AsArray()
            .Select(a => a!["line"]!.GetValue<int>()));
    }

    [Fact]
    public void When_all_hold_it_gives_0()
    {
        var run = Run("pick attends to target lift 0 p 0.01\n");
        Assert.Equal((0, "all 1 hold"), (run.ExitCode, run.Output.TrimEnd().Split('\n')[^1]));
    }

    [Theory]
    [InlineData("red looks at cups", "line 1: a word and 'attends to' are missing")]
    [InlineData("\nred attends to sofa", "line 2: 'sofa' is no object; give named, target, a colour (red,")]
    [InlineData("red attends to cup red", "line 1: 'cup red' is no object")]
    [InlineData("red attends to unnamed", "line 1: 'unnamed' is no object")]
    [InlineData("red attends to red lift", "line 1: 'lift' needs a number after it")]
    [InlineData("red attends to red lift 5 lift 6", "line 1: 'lift 6': give lift")]
    [InlineData("red attends to red p 2", "line 1: 'p 2': give lift")]
    [InlineData("red attends to red lift NaN", "line 1: 'lift NaN': give lift")]
    [InlineData("sofa attends to red", "line 1: no instruction of pick S0 has the word 'sofa'")]
    [InlineData("# nothing", "there is no assertion in it")]
    public void A_line_that_is_no_assertion_is_refused_with_its_place(string text, string message)
    {
        var run = Run(text);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("words.txt", run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_or_with_one_that_is_not_there_it_says_so()
    {
        var policy = TabletopPolicies.Save(_folder["policy"]);
        Assert.Contains("assert needs a file", ToolRun.Of("assert", "--checkpoint", policy).Error, StringComparison.Ordinal);
        Assert.Equal(2, ToolRun.Of("assert", _folder["none.txt"], "--checkpoint", policy).ExitCode);
    }

    private ToolRun Run(string text)
    {
        File.WriteAllText(_folder["words.txt"], text);
        return ToolRun.Of("assert", _folder["words.txt"], "--checkpoint", TabletopPolicies.Save(_folder["policy"]), "--scenes", "12",
            "--json", _folder["result.json"]);
    }
}
