using System.Reflection;
using CrossModal.Fusion;

namespace CrossModal.Tests.Fusion;

/// <summary>Descriptions are complete, and strategies of one's own are taken or refused for a reason.</summary>
/// <remarks>That a description is true is tested where what it says matters: maps of words, ways to attend, cameras, the grid.</remarks>
public sealed class StrategyDescriptionTests
{
    [Fact]
    public void Every_description_of_the_library_is_in_the_list_once()
    {
        var stated = typeof(FusionStrategies).Assembly.GetTypes().Where(t => !t.ContainsGenericParameters)
            .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Static))
            .Where(p => p.PropertyType == typeof(StrategyDescription)).Select(p => ((StrategyDescription)p.GetValue(null)!).Name);
        Assert.Equal(stated.Order(), FusionStrategies.Names.Order());
        Assert.Empty(FusionStrategies.Registered);
    }

    [Fact]
    public void Names_and_titles_are_told_apart()
    {
        Assert.Distinct(FusionStrategies.All.Select(s => s.Title));
        Assert.Distinct(FusionStrategies.All.Select(s => s.Summary));
    }

    [Fact]
    public void A_strategy_is_found_after_those_there_were_once_it_is_registered()
    {
        var registry = new StrategyRegistry(Described("first"), Described("second"));
        var mine = Described("mine-2");
        registry.Register(mine);
        Assert.Equal(["first", "second", "mine-2"], registry.All.Select(s => s.Name));
        Assert.Equal([mine], registry.Registered);
        Assert.Same(mine, registry.Find("mine-2"));
        Assert.Contains("'mine'; there are: first, second, mine-2; one of your own is registered first",
            Assert.Throws<ArgumentException>(() => registry.Find("mine")).Message);
    }

    [Fact]
    public void A_name_is_given_once_however_many_threads_ask_for_it()
    {
        var registry = new StrategyRegistry();
        var refused = 0;
        Parallel.For(0, 400, i =>
        {
            if (Record.Exception(() => registry.Register(Described($"mine-{i % 100}"))) is ArgumentException)
                Interlocked.Increment(ref refused);
        });
        Assert.Equal((100, 300), (registry.All.Count, refused));
        Assert.Equal(100, registry.All.Select(s => s.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mine")]
    [InlineData("2-mine")]
    [InlineData("mine ")]
    [InlineData("mine\n")]
    [InlineData("mine-")]
    [InlineData("mine--two")]
    [InlineData("my_own")]
    [InlineData("a-name-that-is-longer-than-forty-characters")]
    public void A_malformed_name_is_refused(string name) => Refused($"a strategy cannot be called '{name}'", Described(name));

    [Fact]
    public void What_is_taken_or_not_stated_is_refused_by_name()
    {
        Refused("the name 'perceiver' is taken by a strategy there is: Perceiver", Described("perceiver"));
        Refused("the strategy 'mine' needs a title of one line", Described("mine") with { Title = " " });
        Refused("the strategy 'mine' needs a summary of one line", Described("mine") with { Summary = "one\ntwo" });
        Refused("the strategy 'mine' needs at least one view, got 0", Described("mine") with { Views = 0 });
        Refused("the strategy 'mine' has nothing that makes it", Described("mine") with { Create = null! });
    }

    private static void Refused(string reason, StrategyDescription description) =>
        Assert.StartsWith(reason, Assert.Throws<ArgumentException>(() => FusionStrategies.Register(description)).Message);

    private static StrategyDescription Described(string name) =>
        new(name, "Mine", "does nothing", (options, random) => new PooledConcatenation(options, random));
}
