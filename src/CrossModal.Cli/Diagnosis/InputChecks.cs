using CrossModal.Cli.Texts;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Policies;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Whether padding of instructions changes or receives anything, and whether visual tokens lie where maps say they do.</summary>
internal sealed class InputChecks(TrainedPolicy trained, DoctorTexts texts)
{
    // In standard deviations of the action; rounding gives a hundredth of it.
    private const double MostPadded = 1e-3;
    private const double MostPaddingMass = 1e-6;

    /// <summary>Examines some cases.</summary>
    public IEnumerable<CheckResult> Examine(IReadOnlyList<DoctorCase> cases)
    {
        var (padded, mass, layer, known) = (0.0, 0.0, "", false);
        using (var actor = new Actor(trained))
            foreach (var example in cases)
            {
                var longest = Longest(example);
                var alone = actor.Act(example.Words, example.Pictures, example.State);
                padded = Math.Max(padded, actor.Change(alone, actor.ActBeside(example.Words, longest, example.Pictures, example.State)));
                foreach (var (name, on) in OnPadding(example, longest))
                {
                    known = true;
                    if (on > mass) (mass, layer) = (on, name);
                }
            }

        yield return new CheckResult(Checks.PaddingEffect, texts.PaddingEffect, padded <= MostPadded ? Verdict.Pass : Verdict.Fail,
            texts.PaddingEffectFigures(padded));
        if (known)
            yield return new CheckResult(Checks.PaddingMass, texts.PaddingMass, mass <= MostPaddingMass ? Verdict.Pass : Verdict.Fail,
                texts.PaddingMassFigures(mass, layer));
        yield return Alignment(cases[0]);
    }

    private string[] Longest(DoctorCase example) =>
        [.. Enumerable.Range(0, trained.Policy.Options.MaxWords).Select(i => example.Words[i % example.Words.Count])];

    /// <summary>For every attention whose keys are words, the largest share that padded words get of a real query's weight.</summary>
    private List<(string Layer, double Mass)> OnPadding(DoctorCase example, string[] longest)
    {
        var input = CaseInput.Of(trained, example, example.Words, longest);
        var (real, all) = (example.Words.Count, input.Words.Shape[1]);
        if (real == all) return [];
        var trace = new AttentionTrace();
        using (var pass = Pass.Evaluation(trace)) trained.Policy.Forward(input, pass);
        var found = new List<(string Layer, double Mass)>();
        foreach (var entry in trace.Entries)
        {
            var firstKey = 0;
            foreach (var run in entry.KeyTokens ?? [])
            {
                if (run.Kind == TokenKind.Words && run.Count == all)
                    found.Add((entry.Key, OnPadding(entry, firstKey + real, firstKey + all, real)));
                firstKey += run.Count;
            }
        }

        return found;
    }

    private static double OnPadding(TraceEntry entry, int from, int to, int real)
    {
        var (weights, most) = (entry.Value, 0.0);
        var firstQuery = 0;
        foreach (var run in entry.QueryTokens ?? [])
        {
            // Rows of padded words are read by nothing.
            var rows = run.Kind == TokenKind.Words ? real : run.Count;
            for (var head = 0; head < weights.Shape[1]; head++)
                for (var query = firstQuery; query < firstQuery + rows; query++)
                {
                    var sum = 0.0;
                    for (var key = from; key < to; key++) sum += weights[0, head, query, key];
                    most = Math.Max(most, sum);
                }

            firstQuery += run.Count;
        }

        return most;
    }

    /// <summary>Changes single patches of the first camera and compares where tokens change most: rows and columns that are swapped, or a
    /// grid of another size, show here. Convolutions reach into the neighbouring patches: one of those may change most.</summary>
    private CheckResult Alignment(DoctorCase example)
    {
        var (input, grid) = (CaseInput.Of(trained, example, example.Words), trained.Policy.Grid);
        var before = Encoded(input.Images);
        int[] rows = [0, grid.Rows / 2, grid.Rows - 1], columns = [0, grid.Columns / 3, grid.Columns - 1];
        var (right, changed, count) = (0, 0, 0);
        foreach (var row in rows.Distinct())
            foreach (var column in columns.Distinct())
            {
                count++;
                var images = input.Images.Copy();
                var (height, width) = (images.Shape[-2], images.Shape[-1]);
                for (var i = 0; i < 3 * height * width; i++)
                    if (PatchSum.PatchOf(i / width % height, i % width, height, width, grid) == row * grid.Columns + column)
                        images.Span[i] = 1 - images.Span[i];
                var after = Encoded(images);
                var moved = Enumerable.Range(0, grid.Count).Select(token => Distance(before, after, token, before.Length / grid.Count))
                    .ToArray();
                if (moved.Max() > 0) changed++;
                var most = Array.IndexOf(moved, moved.Max());
                if (moved.Max() > 0 && Math.Abs(most / grid.Columns - row) <= 1 && Math.Abs(most % grid.Columns - column) <= 1) right++;
            }

        return new CheckResult(Checks.Alignment, texts.Alignment,
            right == count ? Verdict.Pass : changed == 0 ? Verdict.Warn : Verdict.Fail,
            texts.AlignmentFigures(right, count));
    }

    /// <summary>Tokens of the first camera, <c>[N · d]</c>.</summary>
    private float[] Encoded(Tensor images)
    {
        using var pass = Pass.Evaluation();
        var tokens = trained.Policy.EncodeImages(images, pass);
        return tokens.Span[..(tokens.Shape[1] * tokens.Shape[2])].ToArray();
    }

    private static double Distance(float[] a, float[] b, int token, int width)
    {
        double sum = 0;
        for (var i = token * width; i < (token + 1) * width; i++) sum += Math.Pow((double)a[i] - b[i], 2);
        return sum;
    }
}
