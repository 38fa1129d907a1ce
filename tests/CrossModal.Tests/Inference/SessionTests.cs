using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Tests.Fusion;

namespace CrossModal.Tests.Inference;

public sealed class SessionTests
{
    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    public static TheoryData<string, Absorption> NamesAndAbsorptions
    {
        get
        {
            var data = new TheoryData<string, Absorption>();
            foreach (var name in FusionStrategies.Names)
                foreach (var absorption in Enum.GetValues<Absorption>()) data.Add(name, absorption);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndAbsorptions))]
    public void A_session_computes_what_the_strategy_does(string name, Absorption absorption)
    {
        var strategy = Scene.Create(name);
        var scene = new Scene();
        var input = new FusionInput(
            Sessions.Random(Scene.Batch, Scene.Words, Scene.Width, 1, scene.WordMask()),
                Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width, 2, scene.PatchMask()));
        var session = InferenceSession.Compile(strategy, input, new SessionOptions { Absorption = absorption });
        Sessions.SameAsEager(session, strategy, input);
    }

    [Theory]
    [MemberData(nameof(NamesAndAbsorptions))]
    public void Frames_and_instructions_may_change(string name, Absorption absorption)
    {
        var strategy = Scene.Create(name);
        var session = InferenceSession.Compile(strategy, new Scene().Input(), new SessionOptions { Absorption = absorption });
        foreach (var (seed, words, masked) in new[] { (1, 5, true), (2, 3, false), (3, 5, true), (4, 1, false), (5, 3, false) })
        {
            var mask = masked ? Mask.Lengths([words - 1, words], words) : null;
            var language = Sessions.Random(Scene.Batch, words, Scene.Width, (ulong)seed, mask);
            session.SetInstruction(language);
            for (var frame = 0; frame < 3; frame++)
            {
                var vision = Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width, (ulong)(100 * seed + frame),
                    frame == 1 ? new Scene().PatchMask() : null);
                Sessions.SameAsEager(session, strategy, new FusionInput(language, vision));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_frame_allocates_nothing(string name)
    {
        var strategy = Scene.Create(name);
        var input = new Scene().Input();
        using var workers = new Workers(2);
        foreach (var threads in new[] { Workers.Single, workers })
        {
            var session = InferenceSession.Compile(strategy, input, new SessionOptions { Workers = threads });
            var view = input.Views[0];
            for (var i = 0; i < 200; i++) session.Run(view);

            Assert.Equal(0, AllocatedBytes.Least(() =>
            {
                for (var i = 0; i < 100; i++) session.Run(view);
            }));
        }
    }

    [Fact]
    public void Cameras_may_come_and_go()
    {
        foreach (var name in Scene.MultiView)
        {
            var strategy = Scene.Create(name, views: 2);
            var scene = new Scene();
            var words = new Tokens(scene.WordValues(), scene.WordMask());
            var (left, right) = (new Tokens(scene.PatchValues(), scene.PatchMask()),
                Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width, 3));
            var session = InferenceSession.Compile(strategy, new FusionInput(words, [left, right]));
            foreach (var views in new Tokens?[][] { [left, right], [left, null], [null, right], [right, left] })
                Sessions.SameAsEager(session, strategy, new FusionInput(words, views));
        }
    }

    [Fact]
    public void Threads_share_weights_through_sessions_of_their_own()
    {
        var strategy = Scene.Create("cross-attention");
        var scene = new Scene();
        var first = InferenceSession.Compile(strategy, scene.Input(), new SessionOptions { Workers = Workers.Single });
        var bytes = first.WeightBytes;
        var sessions = Enumerable.Range(0, 4).Select(_ => first.Share()).ToArray();
        Assert.Equal(bytes, first.WeightBytes);
        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < 20; i++)
            {
                var words = Sessions.Random(Scene.Batch, 1 + (i + thread) % Scene.Words, Scene.Width, (ulong)(thread * 1000 + i));
                sessions[thread].SetInstruction(words);
                Sessions.SameAsEager(sessions[thread], strategy,
                    new FusionInput(words, Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width, (ulong)i)));
            }
        });
    }

    [Fact]
    public void A_session_keeps_the_weights_it_was_compiled_with()
    {
        var strategy = Scene.Create("cross-attention");
        var input = new Scene().Input();
        var session = InferenceSession.Compile(strategy, input);
        var before = session.Run(input.Views[0]).Fused.Values.ToArray();
        foreach (var (_, parameter) in strategy.Parameters()) parameter.Span.Fill(7);
        Assert.Equal(before, session.Run(input.Views[0]).Fused.Values.ToArray());
        session.SetInstruction(input.Language);
        Assert.Equal(before, session.Run(input.Views[0]).Fused.Values.ToArray());
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        var strategy = FusionStrategies.Create("cross-attention", new FusionOptions(128, 8, 2), new RandomSource(1));
        var input = new FusionInput(Sessions.Random(1, 12, 128, 1), Sessions.Random(1, 300, 128, 2));
        foreach (var absorption in Enum.GetValues<Absorption>())
        {
            var single = InferenceSession.Compile(strategy, input,
                new SessionOptions { Workers = Workers.Single, Absorption = absorption });
            using var workers = new Workers(3);
            var several = InferenceSession.Compile(strategy, input, new SessionOptions { Workers = workers, Absorption = absorption });
            Assert.Equal(single.Run(input.Views[0]).Fused.Values.ToArray(), several.Run(input.Views[0]).Fused.Values.ToArray());
        }
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var strategy = Scene.Create("cross-attention");
        var input = new Scene().Input();
        var session = InferenceSession.Compile(strategy, input);
        var none = Assert.Throws<InvalidOperationException>(() => session.Attention("layers.0.cross_attn"));
        Assert.Contains("no frame", none.Message, StringComparison.Ordinal);

        var longer = Assert.Throws<ShapeException>(() =>
            session.SetInstruction(Sessions.Random(Scene.Batch, Scene.Words + 1, Scene.Width, 1)));
        Assert.Contains("compiled for at most 5", longer.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => session.SetInstruction(Sessions.Random(Scene.Batch, 2, Scene.Width + 4, 1)));
        Assert.Throws<ShapeException>(() => session.SetInstruction(Sessions.Random(Scene.Batch + 1, 2, Scene.Width, 1)));
        Assert.Throws<ShapeException>(() => session.Run(Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width + 4, 1)));
        Assert.Throws<ShapeException>(() => session.Run([null]));

        // After refused inputs the session is as it was.
        Sessions.SameAsEager(session, strategy, input);
        Assert.Contains("layers.1.cross_attn", Assert.Throws<KeyNotFoundException>(() => session.Attention("nowhere")).Message,
            StringComparison.Ordinal);
        Assert.Throws<KeyNotFoundException>(() => session.Attention("layers.0.cross_attn", run: 1));

        input.Views[0]!.Values.Span.Fill(1);
        var overwritten = Assert.Throws<InvalidOperationException>(() => session.Attention("layers.0.cross_attn"));
        Assert.Contains("overwritten", overwritten.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(Scene.Words)]
    public void After_an_instruction_attention_wants_a_frame_whatever_the_size_of_the_instruction(int words)
    {
        var strategy = Scene.Create("cross-attention");
        var input = new Scene().Input();
        var session = InferenceSession.Compile(strategy, input);
        session.Run([.. input.Views]);
        Assert.Equal(Scene.Words, session.Attention("layers.0.cross_attn").Shape[2]);

        // The former instruction's weights are gone, and no frame was computed with this one.
        var next = Sessions.Random(Scene.Batch, words, Scene.Width, 9);
        session.SetInstruction(next);
        var none = Assert.Throws<InvalidOperationException>(() => session.Attention("layers.0.cross_attn"));
        Assert.Contains("run one after the instruction was set", none.Message, StringComparison.Ordinal);
        Sessions.SameAsEager(session, strategy, input with { Language = next });

        // A refused instruction changes nothing.
        Assert.Throws<ShapeException>(() => session.SetInstruction(Sessions.Random(Scene.Batch + 1, words, Scene.Width, 1)));
        Assert.Equal(words, session.Attention("layers.0.cross_attn").Shape[2]);
    }

    [Fact]
    public void A_session_in_use_refuses_another_thread()
    {
        var input = new FusionInput(Sessions.Random(1, 8, 64, 1), Sessions.Random(1, 20000, 64, 2));
        var session = InferenceSession.Compile(FusionStrategies.Create("cross-attention", new FusionOptions(64, 4, 4), new RandomSource(1)),
            input);
        var (refused, done) = (0, 0);
        using var start = new Barrier(2);
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < 500 && Volatile.Read(ref refused) == 0; i++)
            {
                try
                {
                    session.Run(input.Views[0]);
                    Interlocked.Increment(ref done);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.True(refused > 0 && done > 0, $"{refused} refused, {done} done");
    }
}
