using System.Text.Json.Serialization;

namespace Tare.Docker.Documents;

/// <summary>Body of exec start.</summary>
internal sealed class ExecStartDocument
{
    public bool Detach { get; set; }

    public bool Tty { get; set; }

    public uint[]? ConsoleSize { get; set; }
}

/// <summary>Answer of exec inspect.</summary>
internal sealed record ExecDocument
{
    [JsonPropertyName("ID")]
    public required string Id { get; init; }

    public bool Running { get; init; }

    public int? ExitCode { get; init; }

    public required ExecProcessDocument ProcessConfig { get; init; }

    public bool OpenStdin { get; init; }

    public bool OpenStderr { get; init; }

    public bool OpenStdout { get; init; }

    public bool CanRemove { get; init; }

    [JsonPropertyName("ContainerID")]
    public required string ContainerId { get; init; }

    public string DetachKeys { get; init; } = "";

    public int Pid { get; init; }
}

/// <summary>What an exec session runs.</summary>
internal sealed record ExecProcessDocument
{
    [JsonPropertyName("tty")]
    public bool Tty { get; init; }

    [JsonPropertyName("entrypoint")]
    public required string EntryPoint { get; init; }

    [JsonPropertyName("arguments")]
    public required IReadOnlyList<string> Arguments { get; init; }

    [JsonPropertyName("privileged")]
    public bool Privileged { get; init; }

    [JsonPropertyName("user")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; init; }
}
