using System.Globalization;
using System.Text;

namespace CrossModal.Language;

/// <summary>Unicode's canonical forms, decomposed (NFD) and composed (NFC), the same in every runtime setting.</summary>
/// <remarks><see cref="string.Normalize()"/> leaves text as it is where globalization is invariant, which small deployments choose, so that
/// the tables are carried along (Unicode Standard Annex 15).</remarks>
internal static class CanonicalForms
{
    private const string Resource = "CrossModal.Language.CanonicalForms.txt";

    // Hangul syllables are composed by rule (Unicode 15, section 3.12): leading, vowel and trailing parts.
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;

    private static readonly Lazy<Tables> Loaded = new(Tables.Load);

    /// <summary>Every character taken apart, marks in canonical order.</summary>
    public static List<Rune> Decompose(string text)
    {
        var parts = new List<Rune>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Append(parts, rune.Value);
        Order(parts);
        return parts;
    }

    /// <summary>Every character taken apart and put together again, as far as it can be.</summary>
    public static string Compose(string text)
    {
        // What comes before the first mark is composed already.
        if (Ascii.IsValid(text)) return text;
        var parts = Decompose(text);
        var pairs = Loaded.Value.Pairs;
        var composed = new List<Rune>(parts.Count);
        var (starter, lastClass) = (-1, -1);
        foreach (var part in parts)
        {
            var kind = Class(part);
            if (starter >= 0 && (lastClass < kind || lastClass < 0) && Pair(composed[starter].Value, part.Value, pairs) is { } joined)
            {
                composed[starter] = new Rune(joined);
                continue;
            }

            composed.Add(part);
            (starter, lastClass) = kind == 0 ? (composed.Count - 1, -1) : (starter, kind);
        }

        return Text(composed);
    }

    /// <summary>Characters as text.</summary>
    public static string Text(List<Rune> runes)
    {
        var text = new StringBuilder(runes.Count);
        foreach (var rune in runes) text.Append(rune);
        return text.ToString();
    }

    private static int Class(Rune rune) => rune.Value < 0x300 ? 0 : Loaded.Value.Classes.GetValueOrDefault(rune.Value);

    private static void Append(List<Rune> parts, int character)
    {
        if (character < 0xC0)
        {
            parts.Add(new Rune(character));
            return;
        }

        var syllable = character - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            parts.Add(new Rune(LeadBase + syllable / (Vowels * Trails)));
            parts.Add(new Rune(VowelBase + syllable / Trails % Vowels));
            if (syllable % Trails > 0) parts.Add(new Rune(TrailBase + syllable % Trails));
        }
        else if (Loaded.Value.Parts.TryGetValue(character, out var pair))
        {
            Append(parts, pair.First);
            if (pair.Second > 0) Append(parts, pair.Second);
        }
        else parts.Add(new Rune(character));
    }

    /// <summary>Sorts every run of marks by combining class; marks of one class keep their order.</summary>
    private static void Order(List<Rune> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (Class(parts[i]) == 0) continue;
            var end = i + 1;
            while (end < parts.Count && Class(parts[end]) != 0) end++;
            if (end - i > 1)
            {
                var sorted = parts.GetRange(i, end - i).OrderBy(Class).ToArray();
                for (var k = 0; k < sorted.Length; k++) parts[i + k] = sorted[k];
            }

            i = end;
        }
    }

    private static int? Pair(int first, int second, Dictionary<(int, int), int> pairs)
    {
        if (first - LeadBase is >= 0 and < Leads && second - VowelBase is >= 0 and < Vowels)
            return SyllableBase + ((first - LeadBase) * Vowels + second - VowelBase) * Trails;
        if (first - SyllableBase is >= 0 and < Syllables && (first - SyllableBase) % Trails == 0 && second - TrailBase is > 0 and < Trails)
            return first + second - TrailBase;
        return pairs.TryGetValue((first, second), out var joined) ? joined : null;
    }

    /// <summary>What the resource holds.</summary>
    private sealed record Tables(Dictionary<int, (int First, int Second)> Parts, Dictionary<(int, int), int> Pairs,
        Dictionary<int, int> Classes)
    {
        public static Tables Load()
        {
            var tables = new Tables([], [], []);
            using var reader = new StreamReader(typeof(CanonicalForms).Assembly.GetManifestResourceStream(Resource)!, Encoding.ASCII);
            while (reader.ReadLine() is { } line)
                if (!line.StartsWith('#')) tables.Add(line);
            return tables;
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        private void Add(string line)
        {
            if (line.Split(':') is [var range, var kind])
            {
                var ends = range.Split('-');
                for (var c = Hex(ends[0]); c <= Hex(ends[1]); c++) Classes.Add(c, int.Parse(kind, CultureInfo.InvariantCulture));
                return;
            }

            var numbers = Array.ConvertAll(line.TrimStart('*').Split(' '), Hex);
            var pair = (numbers[1], numbers.Length > 2 ? numbers[2] : 0);
            Parts.Add(numbers[0], pair);
            if (line[0] != '*') Pairs.Add(pair, numbers[0]);
        }
    }
}
