using System.Runtime.CompilerServices;

namespace CrossModal.Browser.Tests;

/// <summary>A test that needs a browser.</summary>
internal sealed class BrowserFactAttribute([CallerMemberName] string test = "") : OptionalFact(Missing, test)
{
    /// <summary>What is missing; null when there is a browser.</summary>
    internal static string? Missing { get; } = Browser.Executable is null
        ? "there is no browser: install Debian's chromium or set CROSSMODAL_CHROMIUM to one"
        : null;
}

/// <summary>The same with data.</summary>
internal sealed class BrowserTheoryAttribute([CallerMemberName] string test = "") : OptionalTheory(BrowserFactAttribute.Missing, test);
