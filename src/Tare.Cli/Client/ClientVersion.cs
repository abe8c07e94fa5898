namespace Tare.Cli.Client;

/// <summary>What this client is and which API it speaks.</summary>
internal static class ClientVersion
{
    /// <summary>The version of the program.</summary>
    public static string Text { get; } = typeof(ClientVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The newest version of the Docker Engine API that the client knows (that of Docker 28.5).</summary>
    public const string Api = "1.51";
}
