namespace Tare.Runtime.Shim.Client;

/// <summary>Wire names of <see cref="ShimErrorKind"/>.</summary>
public static class ShimErrorKinds
{
    /// <summary>The name of <paramref name="kind"/> in a reply.</summary>
    public static string ToWire(ShimErrorKind kind) => kind switch
    {
        ShimErrorKind.ExecNotFound => "exec-not-found",
        ShimErrorKind.ExecDenied => "exec-denied",
        ShimErrorKind.NotFound => "not-found",
        ShimErrorKind.Invalid => "invalid",
        ShimErrorKind.Gone => "gone",
        _ => "failed",
    };

    /// <summary>The kind that a reply names; <see cref="ShimErrorKind.Failed"/> for a name that this version does not know.</summary>
    public static ShimErrorKind FromWire(string? name) => name switch
    {
        "exec-not-found" => ShimErrorKind.ExecNotFound,
        "exec-denied" => ShimErrorKind.ExecDenied,
        "not-found" => ShimErrorKind.NotFound,
        "invalid" => ShimErrorKind.Invalid,
        "gone" => ShimErrorKind.Gone,
        _ => ShimErrorKind.Failed,
    };
}
