using CrossModal.Benchmarks.Cases;

namespace CrossModal.Benchmarks.Tests.Cases;

public sealed class ProtocolLoopTests
{
    private readonly List<string> _made = [];

    [Fact]
    public void It_is_ready_first_and_answers_each_line_with_one()
    {
        Assert.Equal(["ready", "ok 1 2 3", "ok 1"], Answers("count 3\n\ncount 1\n"));
        Assert.Equal(["count"], _made);
    }

    [Fact]
    public void It_ends_at_quit() => Assert.Equal(["ready", "ok 1"], Answers("count 1\nquit\ncount 1\n"));

    [Fact]
    public void A_case_that_fails_is_answered_on_one_line_and_the_next_is_served()
    {
        Assert.Equal(["ready", "err no such thing", "err two lines", "ok 1"], Answers("unknown 1\nfailing 1\ncount 1\n"));
        Assert.Equal(["unknown", "failing", "count"], _made);
    }

    [Theory]
    [InlineData("count")]
    [InlineData("count 0")]
    [InlineData("count -1")]
    [InlineData("count many")]
    [InlineData("count 1 2")]
    public void A_line_that_is_not_a_request_is_an_error(string line) =>
        Assert.Equal(["ready", "err expected: CASE N"], Answers(line + "\n"));

    private string[] Answers(string input)
    {
        var output = new StringWriter();
        ProtocolLoop.Serve(new StringReader(input), output, name =>
        {
            _made.Add(name);
            return name == "unknown" ? throw new ArgumentException("no such thing") : new Fake(name == "failing");
        });
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class Fake(bool fails) : IPeerCase
    {
        public long[] Measure(int count) => fails ? throw new InvalidDataException("two\nlines") : [.. Enumerable.Range(1, count)];
    }
}
