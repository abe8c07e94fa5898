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

    /// <summary>How long the registry asks to wait before another try; null when it does not say.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
