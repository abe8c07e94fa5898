namespace Tare.Registry;

/// <summary>Why a registry did not give what was asked for.</summary>
public enum RegistryErrorKind
{
    /// <summary>There is no such manifest.</summary>
    NotFound,

    /// <summary>The repository does not exist, or may not be read.</summary>
    Denied,

    /// <summary>The credentials are wrong.</summary>
    Unauthenticated,

    /// <summary>The registry cannot be reached, or broke off.</summary>
    Unavailable,

    /// <summary>The registry's answer is not what the protocol says.</summary>
    Protocol,

    /// <summary>Content is damaged or another than announced.</summary>
    DataLoss,

    /// <summary>What was sent is larger than the registry takes at once.</summary>
    TooLarge,

    /// <summary>The content came, and could not be stored: the disk is full.</summary>
    NoSpace,
}
