namespace Tare.Runtime.Shim.Client;

/// <summary>A shim refused or failed a request, or does not answer (<see cref="ShimErrorKind.Gone"/>).</summary>
public sealed class ShimException : Exception
{
    /// <summary>Creates the exception with the kind and sentence of the shim's reply.</summary>
    public ShimException(ShimErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
    }

    /// <summary>Why the request failed.</summary>
    public ShimErrorKind Kind { get; }
}
