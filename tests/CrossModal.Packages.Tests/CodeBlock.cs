using System.Text;

namespace CrossModal.Packages.Tests;

/// <summary>A C# block of a Markdown page as a source file of a program.</summary>
/// <param name="Usings">Its using directives.</param>
/// <param name="Lines">Its statements.</param>
internal sealed record CodeBlock(IReadOnlyList<string> Usings, IReadOnlyList<string> Lines)
{
    /// <summary>The C# blocks of a page.</summary>
    public static IReadOnlyList<CodeBlock> Of(string page)
    {
        var blocks = new List<CodeBlock>();
        List<string>? open = null;
        foreach (var line in File.ReadAllText(page).ReplaceLineEndings("\n").Split('\n'))
        {
            if (open is null && line == "```csharp") open = [];
            else if (open is not null && line == "```")
            {
                blocks.Add(new CodeBlock([.. open.Where(IsUsing)], [.. open.Where(l => !IsUsing(l))]));
                open = null;
            }
            else open?.Add(line);
        }

        return blocks;

        static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=');
    }

    /// <summary>A source file with a class whose method <c>Run</c> is the block.</summary>
    /// <param name="name">Name of the class.</param>
    /// <param name="parameters">What the block is given.</param>
    public string ToSource(string name, string parameters)
    {
        var text = new StringBuilder().AppendJoin('\n', Usings);
        text.Append($"\n\nstatic class {name}\n{{\n    public static void Run({parameters})\n    {{\n").AppendJoin('\n', Lines)
            .Append("\n    }\n}\n");
        return text.ToString();
    }
}
