using System.Globalization;

namespace CrossModal.Benchmarks.Cases;

/// <summary>The line protocol of a peer: <c>ready</c> first; then <c>CASE N</c> is answered by <c>ok n n …</c> with N numbers, or by <c>err
/// why</c>; <c>quit</c> or the end of input ends it.</summary>
internal static class ProtocolLoop
{
    private const int LongestReason = 300;

    /// <summary>Serves until asked to quit. A case is made when it is first asked for, and kept.</summary>
    public static void Serve(TextReader input, TextWriter output, Func<string, IPeerCase> make)
    {
        var made = new Dictionary<string, IPeerCase>();
        Print(output, "ready");
        while (input.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            if (words[0] == "quit") break;
            Print(output, Answer(words, made, make));
        }
    }

    private static string Answer(string[] words, Dictionary<string, IPeerCase> made, Func<string, IPeerCase> make)
    {
        if (words.Length != 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            return "err expected: CASE N";
        try
        {
            if (!made.TryGetValue(words[0], out var found)) made[words[0]] = found = make(words[0]);
            return "ok " + string.Join(' ', found.Measure(count).Select(n => n.ToString(CultureInfo.InvariantCulture)));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever went wrong is the answer: one case that fails must not take the others with it.
            var reason = e.Message.ReplaceLineEndings(" ");
            return "err " + reason[..Math.Min(reason.Length, LongestReason)];
        }
    }

    // Flushed at once: the other side waits for it.
    private static void Print(TextWriter output, string line)
    {
        output.Write(line + "\n");
        output.Flush();
    }
}
