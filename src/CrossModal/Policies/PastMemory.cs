namespace CrossModal.Policies;

/// <summary>The tokens of the last pictures of an episode, newest first, as the vision encoder gave them: what a control loop keeps so
/// that every picture is encoded once.</summary>
/// <remarks>Memory is rented once; a step allocates nothing.</remarks>
internal sealed class PastMemory
{
    private readonly int _frames;
    private readonly float[] _latest;
    private readonly float[] _past;
    private bool _stepped;

    private PastMemory(int frames, int length)
    {
        (_frames, _latest, _past) = (frames, new float[length], new float[frames * length]);
    }

    /// <summary>Frames that there are, at most K.</summary>
    public int Count { get; private set; }

    /// <summary>Steps computed since the episode began.</summary>
    public int Steps { get; private set; }

    /// <summary>Bytes of the tokens.</summary>
    public long Bytes => (long)sizeof(float) * (_latest.Length + _past.Length);

    /// <summary>Memory at the start of an episode; null for a policy without past frames.</summary>
    public static PastMemory? Of(LanguagePolicy policy)
    {
        var options = policy.Options;
        return options.Perception.PastFrames is > 0 and var frames
            ? new PastMemory(frames, options.Fusion.Views * policy.Grid.Count * options.Fusion.Width) : null;
    }

    /// <summary>A new picture came: the one of the last step becomes a past one, if a step was computed with it.</summary>
    public void Advance()
    {
        if (!_stepped) return;
        _past.AsSpan(0, _past.Length - _latest.Length).CopyTo(_past.AsSpan(_latest.Length));
        _latest.CopyTo(_past.AsSpan());
        (Count, _stepped) = (Math.Min(Count + 1, _frames), false);
    }

    /// <summary>Writes an observation's part of a plan's inputs.</summary>
    /// <param name="tokens">Receives <c>[K·V, N, d]</c>.</param>
    /// <param name="scores">Receives 0 for a frame, −∞ for none, <c>[K]</c>.</param>
    public void Write(Span<float> tokens, Span<float> scores)
    {
        _past.CopyTo(tokens);
        scores[..Count].Clear();
        scores[Count..].Fill(float.NegativeInfinity);
    }

    /// <summary>A step was computed with the current picture.</summary>
    /// <param name="tokens">Its tokens, <c>[V, N, d]</c>.</param>
    public void Keep(ReadOnlySpan<float> tokens)
    {
        tokens.CopyTo(_latest);
        _stepped = true;
        Steps++;
    }
}
