using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Validation;

namespace Tare.Engine.Images;

/// <summary>Reads the Dockerfile instruction HEALTHCHECK: <c>NONE</c>, or flags and <c>CMD</c> with a list of JSON or a line for the shell.</summary>
internal static class HealthInstruction
{
    /// <summary>Reads the instruction's arguments.</summary>
    /// <param name="text">What follows the word.</param>
    /// <param name="jsonList">Reads a list of JSON; null when the text is none.</param>
    /// <exception cref="EngineException">InvalidArgument: a flag is unknown or wrong, or the command is missing (the words of Docker's builder).</exception>
    public static HealthConfig Parse(string text, Func<string, List<string>?> jsonList)
    {
        HealthConfig health = new();
        string rest = text;
        while (rest.StartsWith("--", StringComparison.Ordinal))
        {
            (string flag, rest) = Cut(rest);
            int equals = flag.IndexOf('=', StringComparison.Ordinal);
            Apply(health, equals < 0 ? flag : flag[..equals], equals < 0 ? "" : flag[(equals + 1)..]);
        }

        (string type, string command) = Cut(rest);
        switch (type.ToUpperInvariant())
        {
            case "NONE":
                if (command.Length > 0)
                {
                    EngineErrors.ThrowInvalid("HEALTHCHECK NONE takes no arguments");
                }

                health.Test = ["NONE"];
                return health;
            case "CMD":
                if (command.Length == 0)
                {
                    EngineErrors.ThrowInvalid("Missing command after HEALTHCHECK CMD");
                }

                health.Test = jsonList(command) is { } words ? ["CMD", .. words] : ["CMD-SHELL", command];
                return health;
            default:
                throw new EngineException(ErrorClass.InvalidArgument, $"Unknown type \"{type.ToUpperInvariant()}\" in HEALTHCHECK (try CMD)");
        }
    }

    private static void Apply(HealthConfig health, string flag, string value)
    {
        switch (flag)
        {
            case "--interval":
                health.Interval = Duration(flag, value);
                break;
            case "--timeout":
                health.Timeout = Duration(flag, value);
                break;
            case "--start-period":
                health.StartPeriod = Duration(flag, value);
                break;
            case "--start-interval":
                health.StartInterval = Duration(flag, value);
                break;
            case "--retries":
                if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int retries))
                {
                    EngineErrors.ThrowInvalid($"strconv.ParseInt: parsing \"{value}\": invalid syntax");
                }

                if (retries < 0)
                {
                    EngineErrors.ThrowInvalid($"--retries cannot be negative ({retries})");
                }

                health.Retries = retries;
                break;
            default:
                EngineErrors.ThrowInvalid($"unknown flag: {flag}");
                break;
        }
    }

    private static long Duration(string flag, string value)
    {
        TimeSpan span = GoDuration.TryParse(value, out TimeSpan parsed) ? parsed : throw new EngineException(ErrorClass.InvalidArgument, GoDuration.Fault(value));
        return span == TimeSpan.Zero || span >= TimeSpan.FromMilliseconds(1)
            ? span.Ticks * TimeSpan.NanosecondsPerTick
            : throw new EngineException(ErrorClass.InvalidArgument, $"Interval \"{flag[2..]}\" cannot be less than 1ms");
    }

    private static (string First, string Remainder) Cut(string text)
    {
        int end = text.IndexOfAny([' ', '\t']);
        return end < 0 ? (text, "") : (text[..end], text[(end + 1)..].TrimStart());
    }
}
