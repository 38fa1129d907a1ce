using CrossModal.Cli.Texts;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Runs;

/// <summary>One scene under two instructions: the map of the words that name the target, the target outlined, and where the policy
/// points.</summary>
/// <param name="Scene">The camera's picture at <see cref="Side"/> pixels; the policy gets the same view at the size of its input.</param>
/// <param name="Instructions">The two instructions with their maps over the picture, in grey unless they are faithful, and whether they
/// are; null where that cannot be judged.</param>
internal sealed record SceneWithTwoInstructions(RgbImage Scene,
    IReadOnlyList<(string Text, RgbImage Map, Faithfulness? Measured)> Instructions)
{
    /// <summary>Pixels along each side of a drawing.</summary>
    public const int Side = 320;

    private const int MostScenes = 1000;
    private static readonly Rgb Target = new(255, 255, 255);
    private static readonly Rgb Pointed = new(255, 64, 64);

    /// <summary>Draws the first scene of an evaluation that has two objects of different colour and shape, each named by one
    /// instruction.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="task">The task whose instructions are given.</param>
    /// <param name="method">The method whose maps are drawn.</param>
    /// <param name="seed">Seed of the evaluation.</param>
    /// <returns>The drawings; null when no scene offers two such objects, or the method has no meaning for the policy.</returns>
    public static SceneWithTwoInstructions? Draw(TrainedPolicy trained, RobotTask task, IMapMethod method, ulong seed)
    {
        for (var i = 0; i < MostScenes; i++)
        {
            var scene = task.Sample(Split.S0.SceneSeed(seed, i), Split.S0, SceneOptions.Full).Start;
            var goals = task.Goals(scene);
            foreach (var other in goals.Skip(1).Where(goal => Differ(scene.Objects[goals[0].Target], scene.Objects[goal.Target])))
                return Draw(trained, task, method, scene, [goals[0], other], seed);
        }

        return null;

        static bool Differ(TabletopObject a, TabletopObject b) => a.Kind.Color != b.Kind.Color && a.Kind.Shape != b.Kind.Shape;
    }

    /// <summary>The scene and the two maps side by side, under each map its verdict, in English: the font of pictures has no Chinese
    /// characters.</summary>
    public RgbImage Joined()
    {
        var texts = new VerdictTexts(ToolLanguage.English);
        return PictureGrid.Compose([new("", [Scene, .. Instructions.Select(i =>
            PictureGrid.Captioned(new CaptionedPicture(i.Map, texts.Of(i.Measured))))])]);
    }

    private static SceneWithTwoInstructions? Draw(TrainedPolicy trained, RobotTask task, IMapMethod method, Scene scene, Goal[] goals,
        ulong seed)
    {
        var options = trained.Policy.Options;
        CameraRig given = new(options.ImageSize, options.Fusion.Views), drawn = new(Side);
        CameraFrame[] frames = given.NewFrames(), large = drawn.NewFrames();
        given.Render(scene, frames);
        drawn.Render(scene, large);
        var photo = new RgbImage(Side, Side, [.. large[0].Rgb]);
        using var policy = Policy.Of(trained, new PolicyRunOptions { Workers = Workers.Single });
        var language = InstructionLanguages.Of(trained.Tokenizer).Each()[0];
        var maps = new List<(string, RgbImage, Faithfulness?)>();
        foreach (var goal in goals)
        {
            var instruction = task.Describe(scene, goal, new RandomSource(seed), language: language);
            var points = Points(policy, frames, instruction, scene);
            var step = policy.Explained();
            if (Map(method, step) is not { } map) return null;
            var weights = Enumerable.Range(0, frames.Length).Select(view => OfTarget(map.ToWordMap(view), instruction, goal.Target))
                .ToList();
            var measured = FaithfulnessTest.Short(() => step.Decision)?.Measure([.. weights.SelectMany(w => w)]);

            // What is drawn over the map keeps its colours when the map loses its own.
            var judged = JudgedMap.Drawn(HeatMap.Overlay(photo, weights[0], map.Grid.Rows, map.Grid.Columns), measured);
            Drawing.Outline(judged, Mask(large[0], goal.Target), Target);
            MarkPoint(judged, points, drawn.Cameras[0]);
            maps.Add((instruction.Text, judged, measured));
        }

        return new SceneWithTwoInstructions(photo, maps);
    }

    private static ExplanationMap? Map(IMapMethod method, StepExplanation step)
    {
        try
        {
            return method.Compute(step.Decision);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Mean map <c>[patches]</c> of the words that name the target by colour or shape.</summary>
    private static float[] OfTarget(WordMap map, Instruction instruction, int target)
    {
        var naming = Enumerable.Range(0, map.Words)
            .Where(w => instruction.ObjectIndices[w] == target && instruction.Kinds[w] is WordKind.Color or WordKind.Shape).Select(map.Mean)
                .ToArray();
        return [.. Enumerable.Range(0, map.Grid.Count).Select(patch => naming.Average(weights => weights[patch]))];
    }

    private static bool[] Mask(CameraFrame frame, int target)
    {
        var ids = new byte[frame.Size * frame.Size];
        frame.WriteIds(ids);
        return Array.ConvertAll(ids, id => id == CameraFrame.IdOf(target));
    }

    /// <summary>Where the policy points at its first step.</summary>
    private static float[] Points(Policy policy, CameraFrame[] frames, Instruction instruction, Scene scene)
    {
        // Spaces keep words apart that the policy does not know.
        policy.SetInstruction(string.Join(' ', instruction.Words), allowUnknown: true);
        return [.. policy.Act(Observation.Of(policy.Cameras, frames, f => f.ToFrame(), Proprioception.Of(scene))).Points];
    }

    private static void MarkPoint(RgbImage picture, float[] points, TabletopCamera camera)
    {
        if (points.Length < 3) return;
        var (u, v) = camera.Project(new Point(points[0], points[1], points[2]));
        const int Arm = 9, Thick = 3;
        Drawing.Rectangle(picture, (int)u - Arm, (int)v - Thick / 2, 2 * Arm + 1, Thick, Pointed);
        Drawing.Rectangle(picture, (int)u - Thick / 2, (int)v - Arm, Thick, 2 * Arm + 1, Pointed);
    }
}
