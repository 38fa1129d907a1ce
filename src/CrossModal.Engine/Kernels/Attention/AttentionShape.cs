namespace CrossModal.Engine.Kernels;

/// <summary>The sizes of one attention: q [B, Nq, H D], k [B, Nk, H D], v [B, Nk, H Dv], output [B, Nq, H Dv].</summary>
internal readonly record struct AttentionShape(int Batch, int Queries, int Keys, int Heads, int HeadDim, int ValueDim);

/// <summary>
/// The sizes of an additive mask [Batch, Heads, Queries, Keys]; each of the first three may be 1 and then holds for all.
/// Entries are added to the scaled scores; -infinity means not attended.
/// </summary>
internal readonly record struct MaskShape(int Batch, int Heads, int Queries, int Keys);
