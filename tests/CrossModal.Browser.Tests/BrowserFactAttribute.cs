namespace CrossModal.Browser.Tests;

/// <summary>A test that needs a browser; without one it is skipped and says so.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Reason;

    /// <summary>Why tests are skipped; null when there is a browser.</summary>
    internal static string? Reason { get; } = Browser.Executable is null
        ? "there is no browser: install Debian's chromium or set CROSSMODAL_CHROMIUM to one"
        : null;
}

/// <summary>The same with data.</summary>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = BrowserFactAttribute.Reason;
}
