using System.Text.RegularExpressions;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Server.Viewing;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>What the server says is given to a Chinese reader in Chinese.</summary>
public sealed partial class ServerSentenceTests(Browser browser, ViewerCase viewer) : IClassFixture<Browser>, IClassFixture<ViewerCase>
{
    private static readonly List<(string English, string Chinese)> Sentences =
        [.. Pair().Matches(System.Text.Encoding.UTF8.GetString(PageAssets.Find("sentences.js")!))
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    /// <summary>Sources of what a page can be answered, and the exceptions whose messages those are.</summary>
    public static TheoryData<string, string, int> Sources => new()
    {
        { "src/CrossModal.Server/Viewing", "Refused|NotSupported|Argument", 18 },
        { "src/CrossModal/Explain", "NotSupported", 7 },
        { "src/CrossModal/Explain/MapMethods.cs", "Argument", 1 },
        { "src/CrossModal/Policies/TrainedPolicy.cs", "NotSupported", 1 },
        { "src/CrossModal/Policies/PolicySignature.cs", "Argument", 1 },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_message_of_the_server_has_a_sentence_in_Chinese(string source, string exceptions, int least)
    {
        var path = Path.Combine(ReferenceFolders.Repository, source);
        var messages = (File.Exists(path) ? [path] : Directory.GetFiles(path, "*.cs"))
            .SelectMany(file => Messages(File.ReadAllText(file), exceptions)).ToList();
        Assert.True(messages.Count >= least, $"{messages.Count} messages were found");
        Assert.All(messages, message => Assert.True(
            Sentences.Any(s => s.English == message ? First(message) == s.English : Fits(s.English, message)), message));
    }

    [Fact]
    public void A_sentence_has_the_same_holes_in_both_languages()
    {
        Assert.True(Sentences.Count > 30);
        Assert.All(Sentences, s => Assert.Equal(Hole().Matches(s.English).Select(m => m.Value),
            Hole().Matches(s.Chinese).Select(m => m.Value).Order()));
    }

    [BrowserTheory]
    [InlineData("en", "there is no method of explanation 'magic'; there are: raw, rollout")]
    [InlineData("zh", "没有解释方法“magic”；可用的有：raw, rollout")]
    public async Task A_refusal_is_shown_in_the_readers_language(string language, string shown)
    {
        await using var open = await browser.Open(new Uri("about:blank"));
        var page = open.Page;
        await page.RouteAsync("**/api/maps*", route => route.FulfillAsync(new RouteFulfillOptions
        {
            Status = 400,
            ContentType = "application/json",
            Body = """{"error":"there is no method of explanation 'magic'; there are: raw, rollout (Parameter 'name')"}""",
        }));
        await page.GotoAsync(ViewerCase.At(viewer.One, $"m=raw&lang={language}").ToString());
        await page.GetByText(shown).First.WaitForAsync();
        Assert.EndsWith(shown, await page.Locator(".verdict .outcome").TextContentAsync(), StringComparison.Ordinal);
    }

    private static string? First(string message) => Sentences.Select(s => s.English).FirstOrDefault(english => Fits(english, message));

    private static bool Fits(string english, string message) =>
        Regex.IsMatch(message, $"^{string.Join("(.*)", Hole().Split(english).Select(Regex.Escape))}$", RegexOptions.Singleline);

    /// <summary>Texts of exceptions, with numbered holes.</summary>
    private static IEnumerable<string> Messages(string source, string exceptions)
    {
        foreach (Match thrown in Regex.Matches(source, $@"new (?:{exceptions})Exception\(\s*(?:Refusal\.\w+,\s*)?(?=\$?"")"))
        {
            var (message, at, holes) = ("", thrown.Index + thrown.Length, 0);
            while (at < source.Length && source[at] is '$' or '"')
            {
                at = source.IndexOf('"', at) + 1;
                for (; source[at] != '"'; at++)
                    if (source[at] == '{') (message, at) = ($"{message}{{{holes++}}}", EndOfHole(source, at));
                    else message += source[at];
                var next = Regex.Match(source[(at + 1)..], @"^\s*\+\s*(?=\$?"")");
                at += 1 + next.Length;
                if (!next.Success) break;
            }

            yield return message;
        }
    }

    private static int EndOfHole(string source, int at)
    {
        var (depth, quoted) = (0, false);
        for (; ; at++)
        {
            if (source[at] == '"') quoted = !quoted;
            if (quoted) continue;
            depth += source[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0) return at;
        }
    }

    [GeneratedRegex("""^  \["(.*)", '(.*)'\],$""", RegexOptions.Multiline)]
    private static partial Regex Pair();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Hole();
}
