using System.Buffers;
using System.Text.Json;

namespace Tare.Cli.Containers;

/// <summary>
/// Turns the options of run and create into the body of <c>POST /containers/create</c>: the container's configuration at the top, <c>HostConfig</c> and
/// <c>NetworkingConfig</c> inside. What was not said is left out.
/// </summary>
internal sealed class CreateRequest
{
    private readonly ContainerFlags _flags;
    private readonly IReadOnlyList<string> _arguments;
    private readonly List<PortBinding> _bindings;
    private readonly List<string> _exposed;
    private readonly Func<string, string?> _environment;

    /// <summary>Checks what only the options together can show.</summary>
    /// <param name="flags">The options.</param>
    /// <param name="detach">Whether nobody attaches.</param>
    /// <param name="arguments">The image and the command.</param>
    /// <param name="environment">The client's environment variables.</param>
    /// <exception cref="FormatException">Options contradict each other or cannot be read; the message is Docker's.</exception>
    public CreateRequest(ContainerFlags flags, IReadOnlyList<string> arguments, bool detach, Func<string, string?> environment)
    {
        _flags = flags;
        _arguments = arguments;
        _environment = environment;
        _bindings = [.. flags.Network.Publish.Values.SelectMany(PortBinding.Parse)];
        _exposed = [.. flags.Network.Expose.Values.SelectMany(PortBinding.ParseExposed).Concat(_bindings.Select(static binding => binding.ContainerPort))
            .Distinct().Order(StringComparer.Ordinal)];
        List<string> attach = flags.Process.Attach.Values;
        bool byDefault = attach.Count == 0;
        AttachStdin = !detach && (byDefault ? flags.Process.Interactive.Value : attach.Contains("stdin"));
        AttachStdout = !detach && (byDefault || attach.Contains("stdout"));
        AttachStderr = !detach && (byDefault || attach.Contains("stderr"));
        Check();
    }

    /// <summary>Whether the client attaches to standard input.</summary>
    public bool AttachStdin { get; }

    /// <summary>Whether the client attaches to standard output.</summary>
    public bool AttachStdout { get; }

    /// <summary>Whether the client attaches to standard error.</summary>
    public bool AttachStderr { get; }

    /// <summary>The image.</summary>
    public string Image => _arguments[0];

    /// <summary>Rows and columns of the client's terminal, for a container with one.</summary>
    public (int Rows, int Columns) ConsoleSize { get; init; }

    /// <summary>The JSON document, UTF-8.</summary>
    /// <exception cref="FormatException">A file that an option names cannot be read.</exception>
    public ReadOnlyMemory<byte> ToJson()
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        WriteProcess(json);
        WriteHealthCheck(json);
        json.WriteStartObject("HostConfig");
        new HostConfigWriter(_flags, _bindings, ConsoleSize).Write(json);
        json.WriteEndObject();
        NetworkingConfigWriter.Write(json, _flags.Network);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The namespaces' modes that docker's client refuses by itself; the rest is the daemon's to judge.</summary>
    private void CheckModes()
    {
        ProcessFlags process = _flags.Process;
        Check("pid", "PID", process.PidMode.Value is "" or "host" || IsContainer(process.PidMode.Value));
        Check("uts", "UTS", process.UtsMode.Value is "" or "host");
        Check("userns", "USER", process.UserNamespace.Value is "" or "host");
        Check("cgroupns", "CGROUP", process.CgroupNamespace.Value is "" or "host" or "private");

        static bool IsContainer(string mode) => mode.StartsWith("container:", StringComparison.Ordinal) && mode.Length > "container:".Length;

        static void Check(string flag, string kind, bool isValid)
        {
            if (!isValid)
            {
                throw new FormatException($"--{flag}: invalid {kind} mode");
            }
        }
    }

    private void Check()
    {
        CheckModes();
        LifecycleFlags lifecycle = _flags.Lifecycle;
        if (lifecycle.AutoRemove.Value && RestartPolicy.Parse(lifecycle.Restart.Value).Name is not ("no" or ""))
        {
            throw new FormatException("conflicting options: cannot specify both --restart and --rm");
        }

        if (_flags.Resources.MemorySwappiness.Value is < -1 or > 100)
        {
            throw new FormatException($"invalid value: {_flags.Resources.MemorySwappiness.Value}. Valid memory swappiness range is 0-100");
        }

        bool health = lifecycle.HealthCommand.IsSet || lifecycle.HealthInterval.Value != 0 || lifecycle.HealthTimeout.Value != 0
            || lifecycle.HealthStartPeriod.Value != 0 || lifecycle.HealthStartInterval.Value != 0 || lifecycle.HealthRetries.Value != 0;
        if (lifecycle.NoHealthCheck.Value && health)
        {
            throw new FormatException("--no-healthcheck conflicts with --health-* options");
        }

        NetworkingConfigWriter.Check(_flags.Network);
    }

    private void WriteProcess(Utf8JsonWriter json)
    {
        ProcessFlags process = _flags.Process;
        JsonFields.TextUnlessEmpty(json, "Hostname", process.Hostname.Value);
        JsonFields.TextUnlessEmpty(json, "Domainname", process.DomainName.Value);
        JsonFields.TextUnlessEmpty(json, "User", process.User.Value);
        json.WriteBoolean(nameof(AttachStdin), AttachStdin);
        json.WriteBoolean(nameof(AttachStdout), AttachStdout);
        json.WriteBoolean(nameof(AttachStderr), AttachStderr);
        JsonFields.Set(json, "ExposedPorts", _exposed);
        json.WriteBoolean("Tty", process.Tty.Value);
        json.WriteBoolean("OpenStdin", process.Interactive.Value);
        json.WriteBoolean("StdinOnce", process.Interactive.Value && AttachStdin);
        JsonFields.TextsUnlessEmpty(json, "Env", [.. Variables()]);
        JsonFields.TextsUnlessEmpty(json, "Cmd", [.. _arguments.Skip(1)]);
        json.WriteString(nameof(Image), Image);
        JsonFields.Set(json, "Volumes", [.. _flags.Storage.Volumes.Values.Where(static volume => !volume.Contains(':', StringComparison.Ordinal))]);
        JsonFields.TextUnlessEmpty(json, "WorkingDir", process.WorkingDirectory.Value);
        if (process.Entrypoint.IsSet)
        {
            JsonFields.Texts(json, "Entrypoint", [process.Entrypoint.Value]);
        }

        JsonFields.Map(json, "Labels", [.. _flags.Lifecycle.LabelFiles.Values.SelectMany(file => VariableFile.Read(file, static _ => string.Empty)), .. _flags.Lifecycle.Labels.Values]);
        JsonFields.TextUnlessEmpty(json, "StopSignal", process.StopSignal.Value);
        if (process.StopTimeout.IsSet)
        {
            json.WriteNumber("StopTimeout", process.StopTimeout.Value);
        }
    }

    private IEnumerable<string> Variables()
    {
        foreach (string line in _flags.Process.EnvironmentFiles.Values.SelectMany(file => VariableFile.Read(file, _environment)))
        {
            yield return line;
        }

        foreach (string variable in _flags.Process.Environment.Values)
        {
            // A bare name takes the client's value; where it has none, the bare name removes what the image sets.
            bool bare = !variable.Contains('=', StringComparison.Ordinal);
            yield return bare && _environment(variable) is { } value ? $"{variable}={value}" : variable;
        }
    }

    private void WriteHealthCheck(Utf8JsonWriter json)
    {
        LifecycleFlags flags = _flags.Lifecycle;
        if (flags.NoHealthCheck.Value)
        {
            json.WriteStartObject("Healthcheck");
            JsonFields.Texts(json, "Test", ["NONE"]);
            json.WriteEndObject();
        }
        else if (flags.HealthCommand.IsSet || flags.HealthInterval.IsSet || flags.HealthTimeout.IsSet || flags.HealthStartPeriod.IsSet || flags.HealthStartInterval.IsSet || flags.HealthRetries.IsSet)
        {
            json.WriteStartObject("Healthcheck");
            if (flags.HealthCommand.Value.Length > 0)
            {
                JsonFields.Texts(json, "Test", ["CMD-SHELL", flags.HealthCommand.Value]);
            }

            JsonFields.NumberUnlessZero(json, "Interval", flags.HealthInterval.Value);
            JsonFields.NumberUnlessZero(json, "Timeout", flags.HealthTimeout.Value);
            JsonFields.NumberUnlessZero(json, "StartPeriod", flags.HealthStartPeriod.Value);
            JsonFields.NumberUnlessZero(json, "StartInterval", flags.HealthStartInterval.Value);
            JsonFields.NumberUnlessZero(json, "Retries", flags.HealthRetries.Value);
            json.WriteEndObject();
        }
    }
}
