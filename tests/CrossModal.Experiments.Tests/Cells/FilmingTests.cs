using CrossModal.Engine.Formats;
using CrossModal.Experiments.Cells;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Tests.Cells;

public sealed class FilmingTests : IDisposable
{
    private static readonly TestRecord Failed = SampleCells.Test("pick", "S0", [false]);

    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_film_holds_every_words_map_and_verdict_in_the_decision_that_the_policy_made_then(int past)
    {
        var (trained, layer) = Untrained(past);
        var film = Film(trained, layer);
        var again = new Again(trained, layer, [.. film.Frames.Select(f => f.Step)]);
        EpisodeRunner.Run(again, RobotTasks.Find("pick"), Split.S0, new EvaluationOptions
        {
            Episodes = 1,
            Seed = Failed.Seed,
            BatchSize = 1,
            CameraSize = trained.Policy.Options.ImageSize,
        });
        Assert.Equal(6, film.Frames.Count);
        foreach (var frame in film.Frames)
        {
            var (map, measured, alone) = again.Steps[frame.Step];
            Assert.Equal(film.Words.Count, frame.Verdicts!.Count);
            Assert.Equal(measured.Select(FilmVerdict.Of), frame.Verdicts);
            Assert.Equal(measured.Select(m => m.Verdict), frame.Verdicts.Select(v => v.Verdict));
            Assert.Equal(Enumerable.Range(0, map.Words).Max(w => map.Mean(w).Max()), frame.Largest, 6);

            // Past the first step, earlier pictures take part of the attention.
            var ofFirstStep = Enumerable.Range(0, alone.Words).Max(w => alone.Mean(w).Max());
            Assert.Equal(past == 0 || frame.Step == 0, Math.Abs(ofFirstStep - frame.Largest) < 1e-6);
        }

        Assert.Contains(film.Frames.SelectMany(f => f.Verdicts!), v => v.Score is not null);
    }

    [Fact]
    public void What_follows_from_a_score_is_what_followed_when_it_was_measured()
    {
        Assert.Equal(FaithfulnessVerdict.Faithful, new FilmVerdict(0.31, 0.3).Verdict);
        Assert.Equal(FaithfulnessVerdict.NoBetterThanChance, new FilmVerdict(0.3, 0.3).Verdict);
        Assert.Equal(FaithfulnessVerdict.EffectBelowNoise, new FilmVerdict(null, 0).Verdict);
        var none = FilmVerdict.Of(new Faithfulness([], 0.1, 0.2, default, default));
        Assert.Equal((new FilmVerdict(null, 0), FaithfulnessVerdict.EffectBelowNoise), (none, none.Verdict));
        var curves = new FaithfulnessCurves(PictureFillKind.Mean, [1, 0.2, 0], [1, 0.9, 0], 1);
        Assert.Equal(new FilmVerdict(curves.Score, 0.5),
            FilmVerdict.Of(new Faithfulness([curves], 1, 0, new Range95(-0.2, 0.2), new Range95(-0.1, 0.5))));
    }

    [Fact]
    public void Films_of_before_maps_were_judged_are_read_and_have_no_verdict()
    {
        var path = Path.Combine(_folder, "films.json");
        CellFile.WriteFilms(path, new CellFilms("0123456789abcdef",
            [new Film("pick", "S0", 0, ["cup"], FailureReason.None, [new FilmFrame(3, [1], [[7]], 0.5) { Verdicts = [new(0.25, 0.5)] }])]));
        var text = File.ReadAllText(path);
        Assert.Equal(new FilmVerdict(0.25, 0.5), CellFile.ReadFilms(path).Films[0].Frames[0].Verdicts!.Single());

        const string Verdicts = ""","scores":[0.25],"chances":[0.5]""";
        Assert.Contains(Verdicts, text);
        File.WriteAllText(path, text.Replace(Verdicts, "", StringComparison.Ordinal));
        var frame = CellFile.ReadFilms(path).Films[0].Frames[0];
        Assert.Equal((3, 0.5), (frame.Step, frame.Largest));
        Assert.Null(frame.Verdicts);

        foreach (var (damage, scores, chances) in new[] { (""","scores":[null,0.25],"chances":[0,0.5]""", 2, 2),
            (""","scores":[0.25],"chances":[null]""", 1, 1), (""","scores":[0.25]""", 1, 0) })
        {
            File.WriteAllText(path, text.Replace(Verdicts, damage, StringComparison.Ordinal));
            Assert.Equal($"{path}: is damaged: {scores} scores and {chances} levels of chance for 1 maps of step 3",
                Assert.Throws<FileFormatException>(() => CellFile.ReadFilms(path)).Message);
        }
    }

    private static (TrainedPolicy Trained, string Layer) Untrained(int past)
    {
        var cell = SampleCells.Configuration();
        var options = cell.Policy with { Perception = new PerceptionOptions { PastFrames = past } };
        var trained = new PolicyTrainer(new TabletopLossSource(options, cell.Recipe)).Policy;
        return (trained, WordGrounding.Measure(trained, RobotTasks.Find("pick"), Split.S0, 1)[0].Layer);
    }

    private static Film Film(TrainedPolicy trained, string layer) => new Filming(trained,
        SampleCells.Configuration().Evaluation with { Films = 1 }, [Failed],
        [new GroundingRecord("pick", layer, WordKind.Color, 1, 1, 0.5, 0.1)]).Run(CancellationToken.None).Single();

    /// <summary>Runs the episode once more and judges some of its steps; beside them a policy that is given each picture alone.</summary>
    private sealed class Again(TrainedPolicy trained, string layer, int[] judged) : IPolicy
    {
        private readonly TabletopPolicy _acting = new(trained);
        private readonly Policy _whole = Policy.Of(trained);
        private readonly Policy _alone = Policy.Of(trained);
        private int _step;

        public Dictionary<int, (WordMap Map, IReadOnlyList<Faithfulness> Measured, WordMap Alone)> Steps { get; } = [];

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            var (observation, words) = (observations[0], observations[0].Instruction.Text);
            if (_step == 0) _whole.SetInstruction(words, allowUnknown: true);
            _alone.SetInstruction(words, allowUnknown: true);
            foreach (var policy in (Policy[])[_whole, _alone])
                policy.Act(new Observation { State = observation.Proprioception.Span }
                    .With(policy.Cameras[0], observation.Frame.ToFrame()));
            if (judged.Contains(_step))
            {
                var test = new FaithfulnessTest(_whole.Explained().Decision, FaithfulnessOptions.Short);
                var map = Map(_whole);
                Steps[_step] = (map, [.. Enumerable.Range(0, map.Words).Select(w => test.Measure(map.Mean(w)))], Map(_alone));
            }

            _step++;
            _acting.Act(observations, actions);
        }

        private WordMap Map(Policy policy) => policy.Maps().Single(m => m.Layer == layer);
    }
}
