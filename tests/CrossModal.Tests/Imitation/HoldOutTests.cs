using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imitation;

namespace CrossModal.Tests.Imitation;

public sealed class HoldOutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_hash_is_that_of_any_sha256()
    {
        // printf 'episode_000\npick up the cup' | sha256sum begins with the number of the bound.
        var rule = new HoldOut(HoldOut.NameAndInstruction, 1);
        var episode = Episode(0, "pick up the cup");
        var hash = Convert.FromHexString("8701f2717664d8ef371b7d82d3595ba1d32262be45940482b7ae812c0d77771c")[..8]
            .Aggregate(0.0, (sum, b) => 256 * sum + b) / Math.Pow(2, 64);
        Assert.True((rule with { Below = hash + 1e-12 }).Holds(episode));
        Assert.False((rule with { Below = hash - 1e-12 }).Holds(episode));
    }

    [Fact]
    public void Removing_an_episode_changes_the_side_of_no_other()
    {
        var all = Enumerable.Range(0, 60).Select(i => Episode(i, $"task {i % 5}")).ToList();
        var rule = HoldOut.Of(all);
        Assert.Equal(0.2, rule.Below);
        foreach (var removed in all)
        {
            var rest = all.Where(e => e != removed).ToList();
            Assert.Equal(all.Where(e => e != removed && rule.Holds(e)), rest.Where(HoldOut.Of(rest).Holds));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10)]
    public void About_a_fifth_of_every_instruction_is_held_out_in_whatever_order_they_were_recorded(int instructions)
    {
        var all = Enumerable.Range(0, 1000).Select(i => Episode(i, $"task {i % instructions}")).ToList();
        var rule = HoldOut.Of(all);

        // Five deviations of a binomial share.
        var room = 5 * Math.Sqrt(0.2 * 0.8 / (1000.0 / instructions));
        Assert.All(all.GroupBy(e => e.Instruction), group =>
            Assert.InRange(group.Count(rule.Holds) / (double)group.Count(), 0.2 - room, 0.2 + room));
    }

    [Fact]
    public void Of_few_episodes_one_is_held_out_at_least_and_never_all()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var few = Enumerable.Range(0, 2 + seed % 5).Select(i => Episode(i, $"task {seed}")).ToList();
            Assert.InRange(few.Count(HoldOut.Of(few).Holds), 1, few.Count - 1);
        }

        Assert.Throws<ArgumentException>(() => HoldOut.Of([Episode(1, "one")]));
    }

    [Fact]
    public void A_rule_is_read_as_it_was_saved_and_another_is_refused()
    {
        Assert.Null(HoldOut.Find(_folder.Path));
        var rule = new HoldOut(HoldOut.NameAndInstruction, 0.1234567890123456);
        rule.Save(_folder.Path);
        Assert.Equal(rule, HoldOut.Find(_folder.Path));
        Assert.Equal(rule, HoldOut.Find(_folder[HoldOut.FileName]));
        Refused("{\"rule\": \"every fifth\", \"below\": 0.2}", "has the rule 'every fifth'");
        Refused("{\"rule\": \"sha256(name, instruction)\", \"below\": 0}", "'below' is not above 0");
        Refused("{\"rule\": \"sha256(name, instruction)\"}", "is not a rule");
        Refused("[]", "is not a rule");
        Refused("null", "holds nothing");

        void Refused(string text, string problem)
        {
            File.WriteAllText(_folder[HoldOut.FileName], text);
            Assert.StartsWith($"{_folder[HoldOut.FileName]}: {problem}",
                Assert.Throws<FileFormatException>(() => HoldOut.Find(_folder.Path)).Message);
        }
    }

    private static Episode Episode(int number, string instruction) => new($"episode_{number:000}", instruction, [], [], null);
}
