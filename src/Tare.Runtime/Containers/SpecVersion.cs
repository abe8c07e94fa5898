namespace Tare.Runtime.Containers;

/// <summary>The version of the runtime specification that this runtime follows.</summary>
internal static class SpecVersion
{
    /// <summary>The version.</summary>
    public const string Current = "1.3.0";

    /// <summary>Checks a configuration's version: every 1.x is understood.</summary>
    /// <exception cref="RuntimeException">It is no version, or not 1.x.</exception>
    public static void Check(string version)
    {
        string core = version.Split('-', '+')[0];
        if (!Version.TryParse(core, out Version? parsed))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"config.json: ociVersion \"{version}\" is no version");
        }

        if (parsed.Major != 1)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"config.json: ociVersion \"{version}\" is not supported, this runtime follows {Current}");
        }
    }
}
