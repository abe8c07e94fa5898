namespace Tare.Engine.Containers;

/// <summary>Which streams a client attaches to.</summary>
public sealed record AttachOptions
{
    /// <summary>The client sends input.</summary>
    public bool Stdin { get; init; }

    /// <summary>The client wants the output.</summary>
    public bool Stdout { get; init; }

    /// <summary>The client wants the error output.</summary>
    public bool Stderr { get; init; }
}
