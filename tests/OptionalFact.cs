namespace CrossModal.Tests;

/// <summary>A test that is skipped where something it needs is missing; its name then says what, because the console does not show
/// reasons.</summary>
internal abstract class OptionalFact : FactAttribute
{
    /// <param name="missing">What is missing; null when nothing is.</param>
    /// <param name="test">Name of the test.</param>
    protected OptionalFact(string? missing, string test)
    {
        if (missing is not null) (Skip, DisplayName) = (missing, $"{test}: {missing}");
    }
}

/// <summary>The same with data.</summary>
internal abstract class OptionalTheory : TheoryAttribute
{
    /// <param name="missing">What is missing; null when nothing is.</param>
    /// <param name="test">Name of the test.</param>
    protected OptionalTheory(string? missing, string test)
    {
        if (missing is not null) (Skip, DisplayName) = (missing, $"{test}: {missing}");
    }
}
