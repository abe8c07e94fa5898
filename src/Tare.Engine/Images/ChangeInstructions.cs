using System.Text.Json;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Engine.Images;

/// <summary>Applies Dockerfile instructions to an image's configuration: what <c>docker import --change</c> takes.</summary>
internal static class ChangeInstructions
{
    /// <summary>Applies instructions in order.</summary>
    /// <exception cref="EngineException">InvalidArgument: an instruction is unknown or wrong.</exception>
    public static void Apply(ContainerConfig config, IEnumerable<string> changes)
    {
        foreach (string change in changes)
        {
            string text = change.Trim();
            int split = text.IndexOfAny([' ', '\t']);
            string word = (split < 0 ? text : text[..split]).ToUpperInvariant();
            string rest = split < 0 ? "" : text[(split + 1)..].Trim();
            if (rest.Length == 0)
            {
                EngineErrors.ThrowInvalid(word.Length == 0 ? "file with no instructions" : $"{word} requires at least one argument");
            }

            ApplyOne(config, word, rest);
        }
    }

    private static void ApplyOne(ContainerConfig config, string word, string rest)
    {
        switch (word)
        {
            case "CMD":
                config.Cmd = Command(rest);
                break;
            case "ENTRYPOINT":
                config.Entrypoint = Command(rest);
                break;
            case "ENV":
                foreach ((string name, string value) in Pairs(rest, word, config.Env))
                {
                    Specs.SpecBuilder.Set(config.Env ??= [], $"{name}={value}");
                }

                break;
            case "LABEL":
                foreach ((string name, string value) in Pairs(rest, word, config.Env))
                {
                    (config.Labels ??= [])[name] = value;
                }

                break;
            case "EXPOSE":
                foreach (string port in Words(rest, config.Env))
                {
                    (config.ExposedPorts ??= [])[port.Contains('/', StringComparison.Ordinal) ? port : port + "/tcp"] = EmptyDocument.Instance;
                }

                break;
            case "VOLUME":
                foreach (string path in JsonList(rest)?.ConvertAll(path => VariableExpansion.Expand(path, config.Env)) ?? Words(rest, config.Env))
                {
                    (config.Volumes ??= [])[path] = EmptyDocument.Instance;
                }

                break;
            case "USER":
                config.User = VariableExpansion.Expand(rest, config.Env);
                break;
            case "WORKDIR":
                string folder = VariableExpansion.Expand(rest, config.Env);
                config.WorkingDir = Mounts.ContainerPath.Clean(folder.StartsWith('/') ? folder : config.WorkingDir + "/" + folder);
                break;
            case "STOPSIGNAL":
                config.StopSignal = VariableExpansion.Expand(rest, config.Env);
                Signals.Parse(config.StopSignal);
                break;
            case "ONBUILD":
                (config.OnBuild ??= []).Add(rest);
                break;
            case "HEALTHCHECK":
                config.Healthcheck = HealthInstruction.Parse(rest, JsonList);
                break;
            case "SHELL":
                config.Shell = JsonList(rest) ?? throw new EngineException(ErrorClass.InvalidArgument, "SHELL requires the arguments to be in JSON form");
                break;
            default:
                EngineErrors.ThrowInvalid($"{word} is not a valid change command");
                break;
        }
    }

    private static List<string> Command(string text) => JsonList(text) ?? ["/bin/sh", "-c", text];

    private static List<string>? JsonList(string text)
    {
        if (!text.StartsWith('['))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text, EngineJson.Default.ListString);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads <c>name=value …</c>, or the older <c>name value</c>.</summary>
    private static List<(string Name, string Value)> Pairs(string text, string word, List<string>? environment)
    {
        List<string> words = Words(text, environment);
        if (!words[0].Contains('=', StringComparison.Ordinal))
        {
            int split = text.IndexOfAny([' ', '\t']);
            return split < 0
                ? throw new EngineException(ErrorClass.InvalidArgument, $"{word} must have two arguments")
                : [(text[..split], VariableExpansion.Expand(text[(split + 1)..].Trim(), environment))];
        }

        return words.ConvertAll(w =>
        {
            int equals = w.IndexOf('=', StringComparison.Ordinal);
            return equals > 0
                ? (w[..equals], w[(equals + 1)..])
                : throw new EngineException(ErrorClass.InvalidArgument, $"Syntax error - can't find = in \"{w}\". Must be of the form: name=value");
        });
    }

    /// <summary>Splits at blanks outside quotes; quotes and backslashes are taken off, and variables get their values outside single quotes.</summary>
    private static List<string> Words(string text, List<string>? environment)
    {
        List<string> words = [];
        System.Text.StringBuilder word = new();
        char quote = '\0';
        bool any = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length && quote != '\'')
            {
                word.Append(text[++i]);
                any = true;
            }
            else if (c == '$' && quote != '\'')
            {
                int at = i;
                word.Append(VariableExpansion.Take(text, ref at, environment));
                i = at - 1;
                any = true;
            }
            else if (quote == '\0' ? c is '"' or '\'' : c == quote)
            {
                quote = quote == '\0' ? c : '\0';
                any = true;
            }
            else if (quote == '\0' && c is ' ' or '\t')
            {
                Flush();
            }
            else
            {
                word.Append(c);
                any = true;
            }
        }

        Flush();
        return words;

        void Flush()
        {
            if (any)
            {
                words.Add(word.ToString());
                word.Clear();
                any = false;
            }
        }
    }
}
