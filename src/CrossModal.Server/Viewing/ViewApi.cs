using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>Answers what a page asks, by the name of the question.</summary>
/// <param name="source">The episodes.</param>
/// <param name="policies">The policies that explain them.</param>
/// <param name="language">The language that a page begins in; null for the reader's.</param>
internal sealed class ViewApi(IEpisodeSource source, IViewedPolicies policies, string? language)
{
    private const string MapDigits = "G3";

    /// <summary>The episodes.</summary>
    public IEpisodeSource Source => source;

    /// <summary>The policies.</summary>
    public IViewedPolicies Policies => policies;

    /// <summary>What is shown, and how maps are coloured.</summary>
    /// <param name="saved">The map that a saved page has; null for a page that can ask for others.</param>
    public byte[] About(ViewQuery? saved = null) => AboutJson.Of(source, policies, language, saved);

    /// <summary>The episodes there are.</summary>
    public byte[] Episodes() => ViewJson.Object(json => json.List("episodes", source.List(), head =>
    {
        json.WriteStartObject();
        json.WriteString("id", head.Id);
        json.WriteString("name", head.Name);
        json.WriteString("instruction", head.Instruction);
        json.Number("length", head.Length);
        WriteOutcome(json, head.Outcome);
        json.WriteEndObject();
    }));

    /// <summary>An episode: its words, cameras, numbers.</summary>
    public byte[] Episode(ViewQuery query)
    {
        var episode = Find(query);
        var (first, end) = episode.Range;
        return ViewJson.Object(json =>
        {
            json.WriteString("id", episode.Id);
            json.WriteString("name", episode.Name);
            json.WriteString("instruction", episode.Instruction);
            json.WriteString("other", episode.Other);
            json.WriteString("recordedBy", episode.RecordedBy.ToString().ToLowerInvariant());
            json.WriteNumber("first", first);
            json.WriteNumber("end", end);
            json.Number("rate", episode.Rate);
            WriteOutcome(json, episode.Outcome);
            json.Texts("policies", NamesOf(episode));
            Words(json, episode);
            json.List("cameras", source.Cameras(episode.Policy).Index(), camera =>
            {
                var picture = episode.Find(first)?.Pictures.ElementAtOrDefault(camera.Index);
                json.WriteStartObject();
                json.WriteString("name", camera.Item);
                json.WriteNumber("width", picture?.Width ?? 0);
                json.WriteNumber("height", picture?.Height ?? 0);
                json.WriteEndObject();
            });
            json.List("actions", source.Actions(episode.Policy), action =>
            {
                json.WriteStartObject();
                json.WriteString("name", action.Name);
                json.WriteString("unit", action.Unit);
                json.Number("least", action.Least);
                json.Number("most", action.Most);
                json.WriteEndObject();
            });
        });
    }

    /// <summary>What was recorded at each step, what a policy decides there, its monitor and its counterfactual.</summary>
    public async Task<byte[]> Timeline(ViewQuery query, CancellationToken cancellation)
    {
        var (episode, from) = (Find(query), query.OptionalWhole("from") ?? 0);
        var other = query.Optional("other") is { } asked && asked.Any(char.IsLetterOrDigit) ? asked : null;
        if (query.Optional("policy") is not { } name || Explaining(name) is not { } policy)
        {
            var (first, end) = episode.Range;
            return ViewJson.Object(json => TimelineJson.Write(json, episode, Math.Max(from, first), end, null, []));
        }

        return await policy.Timeline(episode, other, (timeline, readings) => ViewJson.Object(json =>
        {
            var first = Math.Max(from, timeline.First);
            TimelineJson.Write(json, episode, first, timeline.First + readings.Count, timeline, [.. readings.Skip(first - timeline.First)]);
        }), cancellation).ConfigureAwait(false);
    }

    /// <summary>A camera's picture at a step, as a PNG file.</summary>
    public byte[] Frame(ViewQuery query)
    {
        var (episode, step, camera) = (Find(query), query.Whole("step"), query.Whole("camera"));
        var pictures = Step(episode, step).Pictures;
        if (camera >= pictures.Count)
            throw new RefusedException(Refusal.Unknown, $"there are {pictures.Count} cameras, not camera {camera}");
        using var stream = new MemoryStream();
        Png.Write(stream, pictures[camera]);
        return stream.ToArray();
    }

    /// <summary>The map of every word at a step.</summary>
    public Task<byte[]> Maps(ViewQuery query, CancellationToken cancellation) => OfStep(query, (maps, policy) =>
    {
        var shown = maps.Map(query.Map(policy));
        return ViewJson.Object(json =>
        {
            json.Texts("words", maps.Words);
            json.Texts("unknown", maps.Unknown);
            json.WriteString("layer", shown.Layer);
            json.List("layers", maps.Layers, layer =>
            {
                json.WriteStartObject();
                json.WriteString("name", layer.Layer);
                json.WriteNumber("heads", layer.Heads);
                json.WriteEndObject();
            });
            json.WriteBoolean("ofWords", shown.OfWords);
            json.List("rows", shown.Rows, row => json.Numbers(Multiples(row, policy), MapDigits));
            json.List("lift", shown.Rows.Index(), row => json.NumberValue(shown.OfWords ? maps.Lift(row.Item, row.Index) : null));
            json.List("concentration", shown.Rows, row => json.NumberValue(StepMaps.Concentration(row)));
        });
    }, cancellation);

    /// <summary>Every head's map of a word at a step, best first.</summary>
    public Task<byte[]> Heads(ViewQuery query, CancellationToken cancellation) => OfStep(query, (maps, policy) => ViewJson.Object(json =>
        json.List("heads", maps.Heads(WordOf(query, maps)), head =>
        {
            json.WriteStartObject();
            json.WriteString("layer", head.Layer);
            json.WriteNumber("head", head.Head);
            json.Number("lift", head.Lift);
            json.Number("concentration", head.Concentration);
            json.WritePropertyName("values");
            json.Numbers(Multiples(head.Weights, policy), MapDigits);
            json.WriteEndObject();
        })), cancellation);

    /// <summary>Whether a map of a step is faithful.</summary>
    public Task<byte[]> Faithfulness(ViewQuery query, CancellationToken cancellation) => OfStep(query, (maps, policy) =>
        FaithfulnessJson(maps.Measure(query.Map(policy), WordOf(query, maps))), cancellation);

    /// <summary>The verdict on a map as it was measured before; null when it was not.</summary>
    public Task<byte[]?> MeasuredFaithfulness(ViewQuery query, CancellationToken cancellation) => OfStep(query, (maps, policy) =>
        maps.Measured(query.Map(policy), WordOf(query, maps)) is { } measured ? FaithfulnessJson(measured) : null, cancellation);

    /// <summary>The episode that a question is about.</summary>
    /// <exception cref="RefusedException">There is none of that name, or it cannot be read.</exception>
    public ViewedEpisode Find(ViewQuery query)
    {
        var id = query.Text("episode");
        try
        {
            return source.Open(id) ?? throw new RefusedException(Refusal.Unknown, $"there is no episode '{id}'");
        }
        catch (Exception exception) when (exception is FileFormatException or IOException)
        {
            throw new RefusedException(Refusal.Invalid, $"the episode '{id}' cannot be read: {exception.Message}");
        }
    }

    /// <summary>A policy that is asked for by name.</summary>
    /// <exception cref="RefusedException">There is none, or it cannot be explained.</exception>
    public ViewedPolicy Explaining(string name)
    {
        if (!policies.Names.Contains(name)) throw new RefusedException(Refusal.Unknown, $"there is no policy '{name}'");
        try
        {
            return policies.Find(name) ?? throw new RefusedException(Refusal.Invalid, $"the policy '{name}' cannot be explained");
        }
        catch (FileFormatException exception)
        {
            throw new RefusedException(Refusal.Invalid, $"the policy '{name}' cannot be loaded: {exception.Message}");
        }
    }

    /// <summary>The names of the policies that explain an episode.</summary>
    public IReadOnlyList<string> NamesOf(ViewedEpisode episode) => episode.Policy is null ? policies.Names
        : policies.Find(episode.Policy) is null ? [] : [episode.Policy];

    /// <summary>Asks about the maps of a step, in the terms of whoever asks.</summary>
    /// <exception cref="RefusedException">There is no such step, word, method, layer or head, or the method has no meaning
    /// here.</exception>
    public async Task<T> OfStep<T>(ViewQuery query, Func<StepMaps, ViewedPolicy, T> use, CancellationToken cancellation)
    {
        var (episode, policy) = (Find(query), Explaining(query.Text("policy")));
        try
        {
            return await policy.Maps(episode, query.Whole("step"), query.Optional("target") ?? "direction", maps =>
                use(maps, policy), cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new RefusedException(Refusal.Invalid, exception.Message);
        }
    }

    private static byte[] FaithfulnessJson(Faithfulness measured) => ViewJson.Object(json =>
    {
        json.WriteString("verdict", measured.Verdict switch
        {
            FaithfulnessVerdict.Faithful => "faithful",
            FaithfulnessVerdict.NoBetterThanChance => "chance",
            _ => "noise",
        });
        json.Number("score", measured.Score);
        json.Number("deletion", measured.Deletion);
        json.Number("insertion", measured.Insertion);
        json.List("random", new[] { measured.Random.Low, measured.Random.High }, x => json.NumberValue(x));
        json.List("centred", new[] { measured.Gaussian.Low, measured.Gaussian.High }, x => json.NumberValue(x));
        json.Number("effect", measured.Effect);
        json.Number("noise", measured.NoiseFloor);
    });

    private static void WriteOutcome(Utf8JsonWriter json, EpisodeOutcome? outcome)
    {
        if (outcome is null) return;
        json.WriteBoolean("success", outcome.Success);
        json.WriteString("reason", outcome.Reason);
    }

    private static int? WordOf(ViewQuery query, StepMaps maps) => query.OptionalWhole("word") is not { } word ? null
        : word < maps.Words.Count ? word
            : throw new RefusedException(Refusal.Unknown, $"the instruction has {maps.Words.Count} words, not word {word}");

    private static ViewedStep Step(ViewedEpisode episode, int step) => episode.Find(step)
        ?? throw new RefusedException(Refusal.Unknown, $"the episode '{episode.Name}' has no step {step}");

    /// <summary>Weights as multiples of an even weight over the patches of one camera.</summary>
    private static IEnumerable<float> Multiples(float[] weights, ViewedPolicy policy) => weights.Select(w => w * policy.Policy.Grid.Count);

    /// <summary>The words of the instruction as the first policy cuts it; at spaces without one.</summary>
    private void Words(Utf8JsonWriter json, ViewedEpisode episode)
    {
        var tokenizer = NamesOf(episode) is [var name, ..] ? Explaining(name).Policy.Tokenizer : null;
        var words = tokenizer?.WordsOf(episode.Instruction) ?? episode.Instruction.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        json.List("words", words, word =>
        {
            json.WriteStartObject();
            json.WriteString("text", word);
            json.WriteBoolean("known", tokenizer?.Knows(word) ?? true);
            json.WriteEndObject();
        });
    }
}
