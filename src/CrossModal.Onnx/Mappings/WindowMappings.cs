using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Attention to windows on the grid of patches, and to all words.</summary>
internal static class WindowMappings
{
    /// <summary>A mask of the window, computed from the numbers of the keys.</summary>
    public static string[] Local(RecordedCall call)
    {
        var parts = new AttentionParts(call);
        var (radius, own) = call.Same<LocalAttentionOp, (int, bool)>(o => (o.Radius, o.Own));
        var words = call.Size<LocalAttentionOp>(o => o.Layout.Words);
        var grid = Grid.Of(call, parts, words, call.Same<LocalAttentionOp, (int, int)>(o => (o.Layout.Rows, o.Layout.Columns)));
        var scores = parts.Scores();
        var allowed = own ? grid.Own(radius) : grid.AroundStrongest(scores, radius);
        return parts.Result(parts.Weights(parts.Only(allowed, scores), mayBeEmpty: true));
    }

    /// <summary>LeakyRelu of the sum of a query's and a key's number, over the neighbours.</summary>
    public static string[] Graph(RecordedCall call)
    {
        var (graph, parts) = (call.Graph, new AttentionParts(call));
        var sums = graph.Add("Add", parts.Split(call.Input(0), 1), parts.SplitTransposed(call.Input(1), 1));
        var slope = call.Same<GraphAttentionOp, float>(o => o.Slope);
        var scores = parts.Masked(graph.Add("LeakyRelu", [("alpha", slope)], sums));
        if (call.Same<GraphAttentionOp, int?>(o => o.Window?.Radius) is not { } radius)
            return parts.Result(parts.Weights(scores, mayBeEmpty: parts.Mask is not null));
        var grid = Grid.Of(call, parts, call.Size<GraphAttentionOp>(o => o.Window!.Value.Layout.Words),
            call.Same<GraphAttentionOp, (int, int)>(o => (o.Window!.Value.Layout.Rows, o.Window.Value.Layout.Columns)));
        return parts.Result(parts.Weights(parts.Only(grid.Own(radius), scores), mayBeEmpty: true));
    }

    /// <summary>Where the keys lie: whether each is a word, and the view, row and column of each patch, float32 <c>[Nk]</c>.</summary>
    private sealed record Grid(GraphBuilder Graph, string IsWord, string View, string Row, string Column)
    {
        public static Grid Of(RecordedCall call, AttentionParts parts, Dim words, (int Rows, int Columns) size)
        {
            var graph = call.Graph;
            var place = graph.AsFloat(graph.Integer(graph.Add("Sub", graph.Count(parts.Keys), graph.Size(words))));
            var (view, inView) = Divide(place, size.Rows * size.Columns);
            var (row, column) = Divide(inView, size.Columns);
            return new Grid(graph, graph.Add("Less", place, graph.Number(0)), view, row, column);

            (string Quotient, string Remainder) Divide(string value, int by)
            {
                var quotient = graph.Add("Floor", graph.Add("Div", value, graph.Number(by)));
                return (quotient, graph.Add("Sub", value, graph.Add("Mul", quotient, graph.Number(by))));
            }
        }

        /// <summary>Which keys a query that is a key itself may attend to: <c>[Nk, Nk]</c>; a word, all.</summary>
        public string Own(int radius)
        {
            var near = Near(Upright(View), Upright(Row), Upright(Column), radius);
            return Graph.Add("Or", Graph.Add("Or", near, IsWord), Upright(IsWord));

            string Upright(string value) => Graph.Add("Unsqueeze", value, Graph.Wholes(1));
        }

        /// <summary>Which keys a query may attend to, around the patch that scores highest, the first of equals:
        /// <c>[B, H, Nq, Nk]</c>.</summary>
        public string AroundStrongest(string scores, int radius)
        {
            var ofPatches = Graph.Add("Where", IsWord, Graph.Number(float.NegativeInfinity), scores);
            var strongest = Graph.Add("ArgMax", [("axis", -1L), ("keepdims", 1L)], ofPatches); // [B, H, Nq, 1]
            var exists = Graph.Add("Greater", ReductionMappings.Reduce(Graph, "ReduceMax", ofPatches, -1),
                Graph.Number(float.NegativeInfinity));
            var near = Near(Graph.Add("Gather", View, strongest), Graph.Add("Gather", Row, strongest),
                Graph.Add("Gather", Column, strongest), radius);
            return Graph.Add("Or", Graph.Add("And", near, exists), IsWord);
        }

        /// <summary>Patches of the same view at most a radius of rows and columns away.</summary>
        private string Near(string view, string row, string column, int radius)
        {
            var rows = Within(Row, row);
            return Graph.Add("And", Graph.Add("And", Graph.Add("Equal", View, view), rows), Within(Column, column));

            string Within(string all, string one) =>
                Graph.Add("LessOrEqual", Graph.Add("Abs", Graph.Add("Sub", all, one)), Graph.Number(radius));
        }
    }
}
