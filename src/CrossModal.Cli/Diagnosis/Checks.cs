namespace CrossModal.Cli.Diagnosis;

/// <summary>Names of what is checked, as results hold them.</summary>
internal static class Checks
{
    public const string OtherInstruction = "other-instruction", Reworded = "reworded", AllWithheld = "instruction-withheld",
        Shuffled = "words-shuffled", RandomWords = "random-words", EachWord = "each-word", Points = "points-at-told",
        Meaning = "meaning-over-wording", TokenIds = "token-ids", OtherPicture = "other-picture", BlackPicture = "black-picture",
        TargetHidden = "target-hidden", OtherHidden = "other-object-hidden", Knockout = "knock-out", Lift = "words-attend-to-object",
        Nuisance = "nuisance", Alignment = "patch-alignment", PaddingEffect = "padding-effect", PaddingMass = "padding-mass",
        HeadsDiffer = "heads-differ", DeadHeads = "heads-choose", Frozen = "maps-change", Sink = "attention-sink", Scenes = "scenes";
}
