using CrossModal.Engine.Kernels;
using CrossModal.Policies;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Learning;

/// <summary>A trained policy that a student learns from, beside the expert: what it decides, what it reads its decision from, where the
/// attention of its words lies.</summary>
public sealed class TabletopTeacher
{
    private const int ScenesToChooseBy = 40;

    /// <summary>Makes a teacher.</summary>
    /// <param name="trained">The policy; one camera.</param>
    /// <param name="options">The weights of the terms a student learns from it.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, the policy was not made for the tabletop, has several
    /// cameras, or its words attend to no patch though the student is to learn their attention.</exception>
    public TabletopTeacher(TrainedPolicy trained, DistillationOptions options)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _ = new TabletopPolicy(trained);
        if (trained.Policy.Options.Fusion.Views > 1)
            throw new ArgumentException("TabletopTeacher: a teacher has one camera", nameof(trained));
        (Trained, Options) = (trained, options);
        if (options.Attention == 0) return;
        var layers = WordAttention.Of(trained.Policy);
        if (layers.Count == 0)
            throw new ArgumentException(
            $"TabletopTeacher: the words of {trained.Policy.Options.Strategy} attend to no patch; a student cannot learn attention weights from it", nameof(trained));
        Attention = layers.Count == 1 ? layers[0] : Best(layers);
    }

    /// <summary>The policy.</summary>
    public TrainedPolicy Trained { get; }

    /// <summary>The weights of the terms a student learns from it.</summary>
    public DistillationOptions Options { get; }

    /// <summary>The layer whose attention a student learns; null when attention is not distilled.</summary>
    public string? Layer => Attention?.Layer;

    internal WordAttention? Attention { get; }

    /// <summary>The layer whose words most often point at what they name, on validation layouts: it is seldom the last.</summary>
    private WordAttention Best(IReadOnlyList<WordAttention> layers)
    {
        var tasks = Trained.Source[(Trained.Source.IndexOf('/', StringComparison.Ordinal) + 1)..].Split('+').Select(RobotTasks.Find)
            .ToArray();
        var judged = tasks.SelectMany(task => WordGrounding.Measure(Trained, task, Split.Validation, ScenesToChooseBy / tasks.Length + 1,
            workers: Workers.Single)).ToLookup(g => g.Layer);
        return layers.OrderByDescending(layer =>
            judged[layer.Layer].Sum(g => g.Pointing.Rate * g.Words) / Math.Max(1, judged[layer.Layer].Sum(g => g.Words))).First();
    }
}
