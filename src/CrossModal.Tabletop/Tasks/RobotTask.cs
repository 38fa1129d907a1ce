using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>A family of instructions with their scenes, their meaning, their test of success and their expert.</summary>
public abstract class RobotTask
{
    /// <summary>Farthest that anything but the target may be moved, metres; more fails the episode.</summary>
    public const float MaxDisturbance = 0.03f;

    /// <summary>The name, for example "pick".</summary>
    public abstract string Name { get; }

    /// <summary>Steps after which an episode has failed.</summary>
    public abstract int MaxSteps { get; }

    /// <summary>Number of consecutive steps for which <see cref="IsReached"/> must hold.</summary>
    public abstract int HoldSteps { get; }

    /// <summary>Whether the target is meant to be grasped.</summary>
    public virtual bool Grasps => true;

    /// <summary>Its sentences in English.</summary>
    public abstract TaskSentences English { get; }

    /// <summary>Its sentences in Chinese.</summary>
    public abstract TaskSentences Chinese { get; }

    /// <summary>Draws an episode; a function of its arguments alone.</summary>
    /// <param name="seed">The scene's seed; take it from <see cref="Split.SceneSeed"/> so that splits stay apart.</param>
    /// <param name="split">Which kinds of objects may appear.</param>
    /// <param name="options">How crowded the scene is, unless the split says so.</param>
    /// <param name="language">Language of the instruction; scene and goal are the same in every one.</param>
    public EpisodeSetup Sample(ulong seed, Split split, SceneOptions options, InstructionLanguage language = InstructionLanguage.English)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(options);
        var random = new RandomSource(seed, RandomSource.SeedAlone);
        var (scene, goal) = Draw(random, split, split.Objects ?? options);
        return new EpisodeSetup(seed, scene, goal, Describe(scene, goal, random, split.Sentences, language));
    }

    /// <summary>Says a goal in words; the random source chooses the template.</summary>
    internal Instruction Describe(Scene scene, Goal goal, RandomSource random, Sentences sentences = Sentences.Trained,
        InstructionLanguage language = InstructionLanguage.English)
    {
        ArgumentNullException.ThrowIfNull(random);
        var said = DrawTemplate(random, language, sentences).Fill(scene, goal.Target, goal.Reference, goal.Relation, goal.Direction);
        return sentences == Sentences.UnseenWords ? said.InOtherWords() : said;
    }

    /// <summary>Draws one of the sentences of a language.</summary>
    internal Template DrawTemplate(RandomSource random, InstructionLanguage language, Sentences sentences = Sentences.Trained)
    {
        var said = language.Draw(random) == InstructionLanguage.Chinese ? Chinese : English;
        var templates = sentences == Sentences.UnseenTemplates ? said.Unseen : said.Trained;
        return templates[random.NextInt(templates.Count)];
    }

    /// <summary>Every goal of this task that has exactly one meaning in a scene.</summary>
    public abstract IReadOnlyList<Goal> Goals(Scene scene);

    /// <summary>Those of some goals whose words still mean the same after the hand has moved things; whether they may be begun there does
    /// not matter.</summary>
    public virtual IReadOnlyList<Goal> Remaining(Scene scene, IReadOnlyList<Goal> goals)
    {
        ArgumentNullException.ThrowIfNull(goals);
        var now = Goals(scene);
        return [.. goals.Where(now.Contains)];
    }

    /// <summary>Whether a state is what the goal asks for; it has succeeded after <see cref="HoldSteps"/> such states in a row.</summary>
    /// <param name="start">The first state of the episode.</param>
    /// <param name="scene">The state.</param>
    /// <param name="goal">What was asked.</param>
    public abstract bool IsReached(Scene start, Scene scene, Goal goal);

    /// <summary>What the expert does in a state.</summary>
    public abstract ExpertLabel Label(Scene scene, Goal goal);

    /// <summary>How far the state is from the goal, horizontal metres: tool to target for picking, object to plate for placing, object to
    /// the nearest place right along the direction for pushing.</summary>
    /// <param name="start">The first state of the episode.</param>
    /// <param name="scene">The state.</param>
    /// <param name="goal">What was asked.</param>
    public abstract float Distance(Scene start, Scene scene, Goal goal);

    /// <summary>
    /// How likely a goal is guessed from the scene and the task without an instruction: one over the number of goals
    /// that could be meant. The part of a policy's success that it owes to words is what lies above this.
    /// </summary>
    public virtual double Chance(Scene start, Goal goal) => 1.0 / Goals(start).Count;

    /// <summary>Draws a scene and a goal in it.</summary>
    protected abstract (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
