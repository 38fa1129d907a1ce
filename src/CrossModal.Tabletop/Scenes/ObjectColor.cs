namespace CrossModal.Tabletop.Scenes;

/// <summary>The six colours of objects and plates; the lower-case name is the word of the instruction.</summary>
public enum ObjectColor
{
    /// <summary>Red.</summary>
    Red,
    /// <summary>Green.</summary>
    Green,
    /// <summary>Blue.</summary>
    Blue,
    /// <summary>Yellow.</summary>
    Yellow,
    /// <summary>Purple.</summary>
    Purple,
    /// <summary>Orange.</summary>
    Orange,
}
