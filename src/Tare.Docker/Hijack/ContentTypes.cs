namespace Tare.Docker.Hijack;

/// <summary>Media types of Docker's streams.</summary>
internal static class ContentTypes
{
    /// <summary>The bytes of a terminal.</summary>
    public const string Raw = "application/vnd.docker.raw-stream";

    /// <summary>Frames of standard output and error output.</summary>
    public const string Multiplexed = "application/vnd.docker.multiplexed-stream";
}
