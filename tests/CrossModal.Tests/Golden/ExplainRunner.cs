using CrossModal.Attention;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Layers;
using CrossModal.Models;
using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>Relevance of Transformer-MM-Explainability against ours: the single rules, and whole models, whose attention and gradients are
/// computed here too.</summary>
internal static class ExplainRunner
{
    /// <summary>The notes' tolerance of the single rules.</summary>
    private static readonly (double Relative, double Absolute) RuleTolerance = (1e-5, 1e-6);

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        if (golden.Has("in/attention")) Rules(golden, comparison);
        else if (golden.Has("in/queries")) EncoderDecoder(golden, comparison);
        else Bimodal(golden, comparison);
    }

    private static void Rules(GoldenCase golden, Comparison comparison)
    {
        var attention = golden.Tensor("in/attention");
        comparison.States("heads", attention.Shape[1]);
        comparison.States("text_len", attention.Shape[2]);
        comparison.States("visual_len", attention.Shape[3]);
        var mean = RelevanceRules.HeadMean(attention, golden.Tensor("in/gradient"));
        var (tt, vv, vt, self) = (Matrix("in/R_tt"), Matrix("in/R_vv"), Matrix("in/R_vt"), Matrix("in/cam_ss"));
        comparison.States("identity_relevancies", IsIdentity(tt) && IsIdentity(vv));
        Compare("out/A_bar", mean);
        Compare("out/hat_R_tt", RelevanceRules.Normalize(tt));
        foreach (var normalized in new[] { true, false })
        {
            var group = normalized ? "normalised" : "unnormalised";
            foreach (var code in new[] { "lxmert", "detr" })
                Compare($"out/{group}/add_R_tv_{code}", RelevanceRules.CrossAttention(mean, tt, vv, normalized: normalized));
            Compare($"out/{group}/add_R_tt", RelevanceRules.CrossAttentionOwn(mean, vt));
        }

        Compare("out/self_add_R_ss", RelevanceRules.SelfAttention(self, tt));
        Compare("out/self_add_R_sq", RelevanceRules.SelfAttention(self, mean));

        double[,] Matrix(string name) => ExplainRunner.Matrix(golden.Tensor(name));

        void Compare(string name, double[,] mine)
        {
            if (Conventions.Reason(golden.Name, name) is null)
                comparison.Values(name, Numbers(mine).Span, golden.Tensor(name).Span, RuleTolerance);
        }
    }

    private static void Bimodal(GoldenCase golden, Comparison comparison)
    {
        var (language, vision, cross) = (golden.Int("l_layers"), golden.Int("r_layers"), golden.Int("x_layers"));
        var source = new Parameters(golden, "lxmert.");
        var lxmert = new Lxmert(new LxmertConfig
        {
            VocabSize = source.ShapeOf("embeddings.word_embeddings.weight")[0],
            MaxPositionEmbeddings = source.ShapeOf("embeddings.position_embeddings.weight")[0],
            TypeVocabSize = source.ShapeOf("embeddings.token_type_embeddings.weight")[0],
            HiddenSize = golden.Int("hidden"),
            NumAttentionHeads = golden.Int("heads"),
            IntermediateSize = source.ShapeOf("encoder.x_layers.0.lang_inter.dense.weight")[0],
            LLayers = language,
            RLayers = vision,
            XLayers = cross,
            VisualFeatDim = source.ShapeOf("encoder.visn_fc.visn_fc.weight")[1],
        }, RandomSource.None);
        ModelFile.Load(source, lxmert, Lxmert.Names);
        var (words, features) = (golden.Tensor("in/input_ids"), golden.Tensor("in/visual_feats"));
        comparison.States("text_len", words.Shape[1]);
        comparison.States("num_boxes", features.Shape[1]);
        using var pass = Pass.Recording(new AttentionTrace());
        var pooled = lxmert.Forward(new LxmertInput(words, features, golden.Tensor("in/visual_pos")), pass).Pooled;
        var attentions = Attentions(golden, comparison, pass, Logits(golden, comparison, pooled, pass), row: 0);

        var names = Enumerable.Range(0, language).Select(i => $"language.{i}")
            .Concat(Enumerable.Range(0, vision).Select(i => $"vision.{i}"))
            .Concat(Enumerable.Range(0, cross).SelectMany(i => new[] { $"x{i}.lang_to_vis", $"x{i}.vis_to_lang", $"x{i}.self_lang",
                $"x{i}.self_vis" })).ToList();
        var means = CompareAttentions(golden, comparison, attentions, names);
        foreach (var way in new[] { "normalised", "unnormalised", "no_self_in_rule10" }) CompareBimodal(golden, comparison, means, way);
        if (golden.Has("out64/rollout_language"))
            comparison.Tensor("out64/rollout_language",
                Numbers(AttentionRollout.OfStack([.. attentions.Take(language).Select(a => a.Weights)])), "outputs");
    }

    private static void CompareBimodal(GoldenCase golden, Comparison comparison, Dictionary<string, double[,]> means, string way)
    {
        var (language, vision, cross) = (golden.Int("l_layers"), golden.Int("r_layers"), golden.Int("x_layers"));
        var (words, boxes) = (golden.Int("text_len"), golden.Int("num_boxes"));
        var (tt, vv, tv, vt) = (DoubleMatrix.Identity(words), DoubleMatrix.Identity(boxes), new double[words, boxes],
            new double[boxes, words]);
        for (var i = 0; i < language; i++) Self(means[$"language.{i}"], tt, tv);
        for (var i = 0; i < vision; i++) Self(means[$"vision.{i}"], vv, vt);
        for (var i = 0; i < cross; i++)
        {
            var (toVision, toWords) = (means[$"x{i}.lang_to_vis"], means[$"x{i}.vis_to_lang"]);
            var (addTv, addTt) = (Across(toVision, tt, vv, way), RelevanceRules.CrossAttentionOwn(toVision, vt));
            var (addVt, addVv) = (Across(toWords, vv, tt, way), RelevanceRules.CrossAttentionOwn(toWords, tv));
            Add(tv, addTv);
            Add(tt, addTt);

            // As in the original, the last layer updates the words' side alone.
            if (i < cross - 1)
            {
                Add(vt, addVt);
                Add(vv, addVv);
            }

            Self(means[$"x{i}.self_lang"], tt, tv);
            if (i < cross - 1) Self(means[$"x{i}.self_vis"], vv, vt);
        }

        tt[0, 0] = 0;
        foreach (var (name, matrix) in new[] { ("R_tt", tt), ("R_tv", tv), ("R_vt", vt), ("R_vv", vv) })
            if (golden.Has($"out/{way}/{name}")) comparison.Output($"{way}/{name}", Numbers(matrix));
    }

    private static void EncoderDecoder(GoldenCase golden, Comparison comparison)
    {
        var (encoders, decoders) = (golden.Int("encoder_layers"), golden.Int("decoder_layers"));
        var model = new EncoderDecoderModel(new TransformerOptions(golden.Int("d_model"), golden.Int("heads"),
            golden.Int("dim_feedforward"))
        {
            Activation = ActivationFunctions.Parse(HuggingFace.Activation(golden)),
            Norm = golden.Flag("norm_first") ? NormPlacement.Before : NormPlacement.After,
        }, encoders, decoders);
        new ParameterMap(golden, model, [("cross_attn", "multihead_attn"), ("feed_forward.fc1", "linear1"),
            ("feed_forward.fc2", "linear2")]).Load();
        var (queries, image) = (golden.Tensor("in/queries"), golden.Tensor("in/image"));
        comparison.States("num_queries", queries.Shape[1]);
        comparison.States("image_len", image.Shape[1]);
        using var pass = Pass.Recording(new AttentionTrace());
        var attentions = Attentions(golden, comparison, pass, Logits(golden, comparison, model.Forward(queries, image, pass), pass),
            golden.Int("target_query"));
        var means = CompareAttentions(golden, comparison, attentions, [.. Enumerable.Range(0, encoders).Select(i => $"encoder.{i}"),
            .. Enumerable.Range(0, decoders).SelectMany(i => new[] { $"decoder.{i}.self", $"decoder.{i}.cross" })]);
        foreach (var way in new[] { "normalised", "unnormalised" })
        {
            var (qq, ii, qi) = (DoubleMatrix.Identity(queries.Shape[1]), DoubleMatrix.Identity(image.Shape[1]),
                new double[queries.Shape[1], image.Shape[1]]);
            for (var i = 0; i < encoders; i++) Add(ii, RelevanceRules.SelfAttention(means[$"encoder.{i}"], ii));
            for (var i = 0; i < decoders; i++)
            {
                Self(means[$"decoder.{i}.self"], qq, qi);
                Add(qi, Across(means[$"decoder.{i}.cross"], qq, ii, way));
            }

            foreach (var (name, matrix) in new[] { ("R_qq", qq), ("R_ii", ii), ("R_qi", qi) })
                comparison.Output($"{way}/{name}", Numbers(matrix));
        }
    }

    /// <summary>The linear head on the last axis.</summary>
    private static Tensor Logits(GoldenCase golden, Comparison comparison, Tensor x, Pass pass)
    {
        var logits = pass.Add(pass.MatMul(x, golden.Tensor("param/head.weight"), transposeB: true), golden.Tensor("param/head.bias"));
        comparison.States("classes", logits.Shape[-1]);
        comparison.Output("logits", logits);
        return logits;
    }

    /// <summary>The attentions with the gradients of a class's logit.</summary>
    private static IReadOnlyList<RecordedAttention> Attentions(GoldenCase golden, Comparison comparison, Pass pass, Tensor logits, int row)
    {
        var chosen = Tensor.Zeros(logits.Shape);
        chosen.Span[row * logits.Shape[-1] + golden.Int("class_index")] = 1;
        return AttentionGradients.Recorded(pass, pass.Sum(pass.Multiply(logits, chosen)));
    }

    private static Dictionary<string, double[,]> CompareAttentions(GoldenCase golden, Comparison comparison,
        IReadOnlyList<RecordedAttention> found, IReadOnlyList<string> names)
    {
        comparison.That(found.Count == names.Count, $"{found.Count} attentions ran, {names.Count} were expected");
        var means = new Dictionary<string, double[,]>();
        foreach (var (attention, name) in found.Zip(names))
        {
            var gradient = attention.Gradient ?? Tensor.Zeros(attention.Weights.Shape);
            means[name] = RelevanceRules.HeadMean(attention.Weights, gradient);
            if (!golden.Has($"attn/{name}")) continue;
            comparison.Attention(name, attention.Weights);
            comparison.Tensor($"attn_grad/{name}", gradient, "gradients");
        }

        return means;
    }

    private static double[,] Across(double[,] mean, double[,] own, double[,] other, string way) =>
        way == "no_self_in_rule10" ? mean : RelevanceRules.CrossAttention(mean, own, other, normalized: way == "normalised");

    private static void Self(double[,] mean, double[,] own, double[,] other)
    {
        var (addOwn, addOther) = (RelevanceRules.SelfAttention(mean, own), RelevanceRules.SelfAttention(mean, other));
        Add(own, addOwn);
        Add(other, addOther);
    }

    private static void Add(double[,] to, double[,] part) =>
        DoubleMatrix.Add(to, [.. Enumerable.Range(0, to.GetLength(0))], [.. Enumerable.Range(0, to.GetLength(1))], part);

    private static bool IsIdentity(double[,] matrix) =>
        matrix.Cast<double>().SequenceEqual(DoubleMatrix.Identity(matrix.GetLength(0)).Cast<double>());

    private static double[,] Matrix(Tensor tensor)
    {
        var matrix = new double[tensor.Shape[0], tensor.Shape[1]];
        for (var i = 0; i < tensor.Shape[0]; i++)
            for (var j = 0; j < tensor.Shape[1]; j++) matrix[i, j] = tensor[i, j];
        return matrix;
    }

    private static Tensor Numbers(double[,] matrix) =>
        Tensor.From([.. matrix.Cast<double>().Select(x => (float)x)], [matrix.GetLength(0), matrix.GetLength(1)]);

    private sealed class EncoderDecoderModel : Module
    {
        private readonly TransformerEncoder _encoder;
        private readonly TransformerDecoder _decoder;

        public EncoderDecoderModel(TransformerOptions options, int encoders, int decoders)
        {
            _encoder = Add("encoder", new TransformerEncoder(encoders, options, RandomSource.None));
            _decoder = Add("decoder", new TransformerDecoder(decoders, options, RandomSource.None));
        }

        public Tensor Forward(Tensor queries, Tensor image, Pass pass) =>
            _decoder.Forward(queries, _encoder.Forward(image, null, pass), null, null, pass);
    }

    /// <summary>The stored parameters under a prefix, without it.</summary>
    private sealed class Parameters(GoldenCase golden, string prefix) : ITensorSource
    {
        public string Location => golden.Name;

        public IReadOnlyCollection<string> Names => [.. golden.Under($"param/{prefix}")];

        public Shape ShapeOf(string tensor) => Shape.Of(golden.Stored($"param/{prefix}{tensor}").Shape);

        public float[] ReadSingles(string tensor) => golden.Stored($"param/{prefix}{tensor}").ToSingles();
    }
}
