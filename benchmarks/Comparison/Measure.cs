namespace CrossModal.Benchmarks.Comparison;

/// <summary>What an entry is to a comparison.</summary>
internal enum Role
{
    /// <summary>Our engine.</summary>
    Ours,

    /// <summary>Another engine doing the ordinary computation.</summary>
    Ordinary,

    /// <summary>Another engine given the absorbed computation.</summary>
    Absorbed,
}

/// <summary>One engine's way to do what is measured.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Case">What it is asked for.</param>
/// <param name="Role">What it is to the comparison.</param>
internal sealed record Entry(string Engine, string Case, Role Role)
{
    /// <summary>The name in files and goals.</summary>
    public string Key => $"{Engine}/{Case}";

    /// <summary>The name in tables: the engine and the kind of the case.</summary>
    public string Label => $"{Engine} {Case[..Case.IndexOf(':', StringComparison.Ordinal)]}";
}

/// <summary>What is compared with a goal.</summary>
internal enum Against
{
    /// <summary>The fastest ordinary peer.</summary>
    BestOrdinary,

    /// <summary>The fastest peer given the absorbed computation.</summary>
    BestAbsorbed,

    /// <summary>One entry, by its key.</summary>
    Named,

    /// <summary>The multiply-adds that the calibrator did at its best.</summary>
    Peak,
}

/// <summary>A ratio that is to be reached: the time of what is compared with, over ours.</summary>
/// <param name="Entry">Key of our entry.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="AtLeast">The ratio to reach; null when the ratio is only reported.</param>
internal sealed record Goal(string Entry, Against Against, double? AtLeast)
{
    /// <summary>Key of the entry compared with, when it is a named one.</summary>
    public string? Named { get; init; }

    /// <summary>What the other's time is multiplied by first.</summary>
    public double Scale { get; init; } = 1;
}

/// <summary>One thing that several engines do on a number of threads.</summary>
/// <param name="Group">Which part of the comparison it belongs to.</param>
/// <param name="Name">The case: a layer's letter, a product's sizes.</param>
/// <param name="Threads">Threads of every engine.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Entries">Who does it, and how.</param>
/// <param name="Goals">Ratios of interest.</param>
internal sealed record Measure(string Group, string Name, int Threads, string Title, IReadOnlyList<Entry> Entries,
    IReadOnlyList<Goal> Goals)
{
    /// <summary>Floating-point operations of one call, for rates; 0 when rates say nothing.</summary>
    public double Flops { get; init; }

    /// <summary>The name in files.</summary>
    public string Key => $"{Group}:{Name}/{Threads}";
}

/// <summary>One number of our engine that is measured once and held against a limit.</summary>
/// <param name="Group">Which part of the comparison it belongs to.</param>
/// <param name="Case">What our engine is asked for.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Unit">Unit of the limit and of what is printed.</param>
/// <param name="UnitSize">Size of an answered 1 in that unit.</param>
/// <param name="AtMost">The limit.</param>
internal sealed record Figure(string Group, string Case, int Threads, string Title, string Unit, double UnitSize, double AtMost)
{
    /// <summary>The name in files.</summary>
    public string Key => $"{Case}/{Threads}";
}
