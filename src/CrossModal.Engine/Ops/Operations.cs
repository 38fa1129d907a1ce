namespace CrossModal.Engine.Ops;

/// <summary>The operations, as methods of a pass: <c>pass.MatMul(a, b)</c>. Each stands in the file of its operation.</summary>
public static partial class Operations;
