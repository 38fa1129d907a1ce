namespace CrossModal.Tabletop.Scenes;

/// <summary>The six colours of objects and plates, whose lower-case names are the words of instructions, and all others.</summary>
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
    /// <summary>A colour that has no word: <see cref="TabletopObject.Tint"/> says which. Only training scenes show it.</summary>
    Unnamed,
}
