using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Questions;

/// <summary>The fifth question: when does attention fail? Sinks, distractors, ignored language and unseen words, each counted and each
/// shown; under every map whether it is faithful.</summary>
/// <param name="task">What is asked.</param>
/// <param name="scenes">Scenes and episodes of each experiment.</param>
/// <param name="seed">Seed of the scenes.</param>
/// <param name="images">Folder for the pictures.</param>
internal sealed class WhenAttentionFails(RobotTask task, int scenes, ulong seed, string images)
{
    private const double SinkTimesUniform = 5;
    private const int Enlarged = 4;
    private const int FramesShown = 6;
    private static readonly HeatMapOptions Drawing = new() { Enlarge = Enlarged };
    private static readonly VerdictTexts Verdicts = new(ToolLanguage.English);
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Measures: sinks, distractors and unseen words of the first policy, ignored language of all.</summary>
    /// <exception cref="ArgumentException">No attention of the first policy goes from words to patches.</exception>
    public Answer Ask(IReadOnlyList<(string Name, TrainedPolicy Policy)> policies, string command, string machine, CancellationToken stop)
    {
        var (name, policy) = policies[0];
        var seen = ObjectAttention.Measure(policy, task, Split.S0, scenes, seed).ToList();
        if (seen[0].Maps.Count == 0)
            throw new ArgumentException($"{name}: no attention of '{policy.Policy.Options.Strategy}' goes from words to patches");
        var layer = BestLayer(seen);
        var own = Run(policy, Split.S0, PolicyControl.None, stop);
        var (sinks, sinkLayer) = Sinks(seen);
        var shown = seen.Take(FramesShown - 1).Select(s => Judged(policy, s, sinkLayer, [ColumnMean(s.Maps[sinkLayer])])[0]).ToArray();
        Draw("sink", [new("", [Photo(seen[0]), .. shown.Select(map => map?.Picture)])]);
        Count("sink", shown);
        var answer = new Answer
        {
            Question = 5,
            Command = command,
            Machine = machine,
            Tables = new()
            {
                ["sinks"] = sinks,
                ["distractors"] = [Captured(policy, Split.S0, seen, own, layer),
                    Captured(policy, Split.Z1, [.. ObjectAttention.Measure(policy, task, Split.Z1, scenes, seed)],
                    Run(policy, Split.Z1, PolicyControl.None, stop), layer)],
                ["ignored"] = Ignored(policies, stop),
                ["unseen-words"] = [Words(policy, Split.S0, own, layer),
                    Words(policy, Split.Z2b, Run(policy, Split.Z2b, PolicyControl.None, stop), layer)],
            },
            Values = new()
            {
                ["fails policy"] = name,
                ["fails task"] = task.Name,
                ["fails scenes"] = $"{scenes}",
                ["fails layer"] = $"{layer + 1}",
                ["fails layers"] = $"{seen[0].Maps.Count}"
            },
        };
        foreach (var (key, value) in _values) answer.Values.Add(key, value);
        return answer;
    }

    private EvaluationResult Run(TrainedPolicy policy, Split split, PolicyControl control, CancellationToken stop, params int[] filmed) =>
        TabletopEvaluation.Run(policy, task, split, new EvaluationOptions { Episodes = scenes, Seed = seed, KeepFramesOf = [.. filmed] },
            control, cancellation: stop);

    /// <summary>The layer whose naming words attend most to the target.</summary>
    private static int BestLayer(List<ObjectAttention> seen) =>
        Enumerable.Range(0, seen[0].Maps.Count).MaxBy(layer => seen.Average(s => s.Masses(layer)[s.Episode.Goal.Target]));

    /// <summary>Layer by layer: patches that get more than five times their share in most scenes, whatever scene and sentence
    /// are.</summary>
    private static (List<string[]> Rows, int Layer) Sinks(List<ObjectAttention> seen)
    {
        var (rows, strongest) = (new List<string[]>(), (Layer: 0, Times: 0.0));
        for (var layer = 0; layer < seen[0].Maps.Count; layer++)
        {
            var columns = seen.ConvertAll(s => ColumnMean(s.Maps[layer]));
            var patches = columns[0].Length;
            var means = Enumerable.Range(0, patches).Select(p => columns.Average(c => (double)c[p])).ToArray();
            var sinks = Enumerable.Range(0, patches).Where(p => columns.Count(c => c[p] * patches > SinkTimesUniform) > seen.Count / 2.0)
                .ToList();
            var times = means.Max() * patches;
            if (times > strongest.Times) strongest = (layer, times);
            rows.Add([$"{layer + 1}", HtmlWriter.Fixed(times, 1) + "×", $"{sinks.Count}", Interval.Percent(sinks.Sum(p => means[p]))]);
        }

        return (rows, strongest.Layer);
    }

    private static float[] ColumnMean(WordMap map)
    {
        var mean = new float[map.Grid.Count];
        for (var w = 0; w < map.Words; w++)
            foreach (var (p, weight) in map.Mean(w).Index()) mean[p] += weight / map.Words;
        return mean;
    }

    /// <summary>How often the words that name the target attend more to another object, what that object has in common with it, and what
    /// comes of it.</summary>
    private string[] Captured(TrainedPolicy policy, Split split, List<ObjectAttention> seen, EvaluationResult result, int layer)
    {
        var cases = seen.Zip(result.Episodes, (attention, episode) =>
            (Attention: attention, Episode: episode, Most: attention.Masses(layer) is var m ? Array.IndexOf(m, m.Max()) : 0)).ToList();
        var captured = cases.FindAll(c => c.Most != c.Attention.Episode.Goal.Target);
        var free = cases.Except(captured).ToList();
        AddFigure(policy, $"distractor-{split}", captured.OrderBy(c => c.Episode.Success).Select(c => c.Attention), layer);
        return
        [
            split.Name, WilsonInterval.Of(captured.Count, cases.Count).ToString(), Success(free), Success(captured),
            $"{captured.Count(c => Kind(c.Attention, c.Most).Color == Target(c.Attention).Color)}",
                $"{captured.Count(c => Kind(c.Attention, c.Most).Shape == Target(c.Attention).Shape)}",
            $"{captured.Count(c => Kind(c.Attention, c.Most).Color != Target(c.Attention).Color && Kind(c.Attention, c.Most).Shape != Target(c.Attention).Shape)}",
        ];

        static string Success(List<(ObjectAttention Attention, EpisodeResult Episode, int Most)> some) =>
            some.Count == 0 ? "–" : $"{WilsonInterval.Of(some.Count(c => c.Episode.Success), some.Count)} (n = {some.Count})";
        static ObjectKind Kind(ObjectAttention attention, int thing) => attention.Episode.Start.Objects[thing].Kind;
        static ObjectKind Target(ObjectAttention attention) => Kind(attention, attention.Episode.Goal.Target);
    }

    /// <summary>Whether another goal in the same scene changes what is done.</summary>
    private List<string[]> Ignored(IReadOnlyList<(string Name, TrainedPolicy Policy)> policies, CancellationToken stop)
    {
        var rows = new List<string[]>();
        var least = (Changed: double.PositiveInfinity, Policy: policies[0].Policy, Scene: -1);
        foreach (var (name, policy) in policies)
        {
            var (own, other) = (Run(policy, Split.S0, PolicyControl.None, stop),
                Run(policy, Split.S0, PolicyControl.OtherInstruction, stop));
            var changed = BehaviourChange.Between(own, other);
            rows.Add([name, own.Success.ToString(), other.Success.ToString(), changed.ToString()]);
            var same = own.Episodes.Join(other.Episodes, e => e.Index, e => e.Index, (a, b) => (A: a, B: b))
                .Where(p => p.A.FirstTouched >= 0 && p.A.FirstTouched == p.B.FirstTouched).Select(p => p.A.Index).FirstOrDefault(-1);
            if (same >= 0 && changed.Rate < least.Changed) least = (changed.Rate, policy, same);
        }

        if (least.Scene >= 0)
            Draw("ignored", [.. new[] { PolicyControl.None, PolicyControl.OtherInstruction }.Select(control =>
            {
                var episode = Run(least.Policy, Split.S0, control, stop, least.Scene).Episodes.Single(e => e.Index == least.Scene);
                var size = least.Policy.Policy.Options.ImageSize;
                return new PictureRow(episode.Instruction, [.. Enumerable.Range(0, FramesShown)
                    .Select(i => new RgbImage(size, size, [.. episode.Frames[i * (episode.Frames.Count - 1) / (FramesShown - 1)]])
                    .Enlarge(Enlarged))]);
            })]);
        return rows;
    }

    /// <summary>Success and lift where things are named in a split's words.</summary>
    private string[] Words(TrainedPolicy policy, Split split, EvaluationResult result, int layer)
    {
        var grounding = WordGrounding.Measure(policy, task, split, scenes, seed);
        if (split == Split.Z2b)
            AddFigure(policy, "unseen-words", ObjectAttention.Measure(policy, task, split, scenes, seed).Zip(result.Episodes)
                .Where(c => !c.Second.Success).Select(c => c.First), layer);
        return [split.Name, result.Success.ToString(), result.TargetFirst.ToString(), Lift(WordKind.Color), Lift(WordKind.Shape)];

        string Lift(WordKind kind) => grounding.Where(g => g.Kind == kind).ToList() is { Count: > 0 } some
            ? HtmlWriter.Fixed(some.Max(g => g.Lift), 1) + "×" : "–";
    }

    /// <summary>Draws some cases side by side, and the maps of the colour and the shape of each below; their sentences become a
    /// value.</summary>
    private void AddFigure(TrainedPolicy policy, string name, IEnumerable<ObjectAttention> cases, int layer)
    {
        var shown = cases.Where(c => c.Naming.Any()).Take(FramesShown).ToList();
        if (shown.Count == 0) return;
        WordKind[] kinds = [WordKind.Color, WordKind.Shape];
        var maps = shown.ConvertAll(s => Judged(policy, s, layer, [.. kinds.Select(kind => s.Naming
            .Where(w => s.Episode.Instruction.Kinds[w] == kind).Select(w => s.Maps[layer].Mean(w)).FirstOrDefault())]));
        Draw(name, [new("camera", [.. shown.Select(Photo)]),
            .. kinds.Select((kind, i) => new PictureRow(kind.ToString().ToLowerInvariant(), [.. maps.Select(m => m[i]?.Picture)]))]);
        _values[$"{name} sentences"] = string.Join("; ", shown.Select(s => $"“{s.Episode.Instruction}”"));
        Count(name, maps.SelectMany(m => m));
    }

    /// <summary>How many maps a figure has, and how many of them are faithful.</summary>
    private void Count(string name, IEnumerable<(RgbImage Picture, bool Faithful)?> maps)
    {
        var drawn = maps.OfType<(RgbImage Picture, bool Faithful)>().ToList();
        _values[$"{name} maps"] = $"{drawn.Count}";
        _values[$"{name} faithful"] = $"{drawn.Count(m => m.Faithful)}";
    }

    /// <summary>Maps over the picture of a scene, each with its verdict below; null where there is no map.</summary>
    private static (RgbImage Picture, bool Faithful)?[] Judged(TrainedPolicy policy, ObjectAttention attention, int layer,
        IReadOnlyList<float[]?> maps)
    {
        var photo = new RgbImage(attention.Frame.Size, attention.Frame.Size, [.. attention.Frame.Rgb]);
        var (episode, grid) = (attention.Episode, attention.Maps[layer].Grid);
        var test = MapVerdicts.Of(policy, [photo], episode.Instruction.Text, Proprioception.Of(episode.Start));
        return [.. maps.Select(weights =>
        {
            if (weights is null) return ((RgbImage, bool)?)null;
            var measured = test?.Measure(weights);
            var drawn = new CaptionedPicture(HeatMap.Overlay(photo, weights, grid.Rows, grid.Columns, Drawing), "");
            return (PictureGrid.Captioned(JudgedMap.Judged(drawn, measured, Verdicts)),
                measured?.Verdict == FaithfulnessVerdict.Faithful);
        })];
    }

    private void Draw(string name, IReadOnlyList<PictureRow> rows) =>
        Png.Write(Path.Combine(images, $"{name}.png"), PictureGrid.Compose(rows));

    private static RgbImage Photo(ObjectAttention attention) =>
        new RgbImage(attention.Frame.Size, attention.Frame.Size, [.. attention.Frame.Rgb]).Enlarge(Enlarged);
}
