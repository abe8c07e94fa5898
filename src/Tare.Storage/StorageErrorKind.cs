namespace Tare.Storage;

/// <summary>Why content cannot be had or stored.</summary>
public enum StorageErrorKind
{
    /// <summary>It is damaged, hostile, or another one than announced.</summary>
    Damaged,

    /// <summary>It is not in the store.</summary>
    Missing,

    /// <summary>The file system is full, or a quota is used up.</summary>
    NoSpace,

    /// <summary>The file system refused it for another reason.</summary>
    Refused,
}
