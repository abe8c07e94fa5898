namespace Tare.Storage.Layers;

/// <summary>What happened to a file of a container; the numbers are the Docker API's.</summary>
public enum ChangeKind
{
    /// <summary>It, or something in it, was changed.</summary>
    Modified = 0,

    /// <summary>It was added.</summary>
    Added = 1,

    /// <summary>It was deleted.</summary>
    Deleted = 2,
}
