namespace Tare.Registry;

/// <summary>A registry did not give what was asked for. Messages that scripts look for are Docker's.</summary>
public sealed class RegistryException : Exception
{
    /// <summary>Describes a failure.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="inner">What caused it.</param>
    public RegistryException(RegistryErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>Why.</summary>
    public RegistryErrorKind Kind { get; }

    /// <summary>Whether the registry answered that it is in trouble itself (5xx), which may pass.</summary>
    internal bool IsServerTrouble { get; init; }
}
