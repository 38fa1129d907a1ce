using System.Text.RegularExpressions;

namespace CrossModal.Tests.Docs;

/// <summary>What the tests need to know of a Markdown page: links, headings and code blocks.</summary>
internal sealed partial class Markdown
{
    private readonly List<string> _prose = [];
    private readonly List<(string Language, IReadOnlyList<string> Lines)> _blocks = [];

    public Markdown(string text)
    {
        List<string>? block = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (block is null) _blocks.Add((line[3..].Trim(), block = []));
                else block = null;
            }
            else
            {
                (block ?? _prose).Add(line);
            }
        }

        EndsInside = block is not null;
    }

    /// <summary>Whether the last code block was never closed.</summary>
    public bool EndsInside { get; }

    public IReadOnlyList<(string Language, IReadOnlyList<string> Lines)> Blocks => _blocks;

    /// <summary>Targets of links and images outside code.</summary>
    public IEnumerable<string> Links => _prose.SelectMany(line =>
        Link().Matches(InlineCode().Replace(line, "")).Select(m => m.Groups[1].Value));

    /// <summary>Anchors of headings, as GitHub makes them: lower case, spaces to hyphens, punctuation gone; a repeated one is
    /// numbered.</summary>
    public IReadOnlySet<string> Anchors
    {
        get
        {
            var anchors = new HashSet<string>();
            foreach (var heading in _prose.Where(l => Heading().IsMatch(l)).Select(l => l.TrimStart('#').Trim()))
            {
                var anchor = string.Concat(heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_'))
                    .Replace(' ', '-');
                var copy = anchor;
                for (var i = 1; !anchors.Add(copy); i++) copy = $"{anchor}-{i}";
            }

            return anchors;
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex("^#{1,6} ")]
    private static partial Regex Heading();
}
