using System.Globalization;
using Tare.Engine.Errors;
using Tare.Engine.Validation;

namespace Tare.Engine.Logs;

/// <summary>Reads the values of a log driver's options.</summary>
/// <param name="options">The options.</param>
internal sealed class LogOptionReader(IReadOnlyDictionary<string, string> options)
{
    /// <summary>Whether an option is there with a value.</summary>
    public bool Has(string name) => options.TryGetValue(name, out string? value) && value.Length > 0;

    /// <summary>A value; empty when it is not there.</summary>
    public string Text(string name) => options.GetValueOrDefault(name) ?? "";

    /// <summary>A size in bytes such as <c>10m</c>.</summary>
    public long Size(string name, long otherwise) => Has(name) ? LogSizes.ParseSize(Text(name)) : otherwise;

    /// <summary>A number of at least 1.</summary>
    public int Count(string name, int otherwise) => !Has(name) ? otherwise
        : int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count
        : throw new EngineException(ErrorClass.InvalidArgument, $"{name} cannot be less than 1");

    /// <summary>A number of at least 0.</summary>
    public ulong Number(string name, ulong otherwise) => !Has(name) ? otherwise
        : ulong.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out ulong count) ? count
        : throw new EngineException(ErrorClass.InvalidArgument, $"strconv.ParseUint: parsing \"{Text(name)}\": invalid syntax");

    /// <summary>A truth value as Go reads it.</summary>
    public bool Boolean(string name, bool otherwise) => !Has(name) ? otherwise
        : TryBoolean(Text(name), out bool value) ? value
        : throw new EngineException(ErrorClass.InvalidArgument, $"strconv.ParseBool: parsing \"{Text(name)}\": invalid syntax");

    /// <summary>A span of time.</summary>
    public TimeSpan Duration(string name, TimeSpan otherwise) => !Has(name) ? otherwise
        : GoDuration.TryParse(Text(name), out TimeSpan value) ? value
        : throw new EngineException(ErrorClass.InvalidArgument, GoDuration.Fault(Text(name)));

    /// <summary>Reads a truth value as Go's strconv.ParseBool.</summary>
    public static bool TryBoolean(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "TRUE" or "true" or "True";
        return value || text is "0" or "f" or "F" or "FALSE" or "false" or "False";
    }
}
