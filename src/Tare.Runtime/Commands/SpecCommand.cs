using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>spec</c>: writes a config.json to start from, the same that runc writes.</summary>
internal static class SpecCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(CommandLineReader reader)
    {
        string bundle = ".";
        bool rootless = false;
        while (reader.NextOption())
        {
            switch (reader.Option)
            {
                case "bundle" or "b":
                    bundle = reader.Value();
                    break;
                case "rootless":
                    rootless = reader.Flag();
                    break;
                default:
                    throw reader.Unknown("spec");
            }
        }

        if (!Directory.Exists(bundle))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"chdir {bundle}: no such file or directory");
        }

        string path = Path.Combine(bundle, "config.json");
        if (File.Exists(path))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"File {path} exists. Remove it first");
        }

        RuntimeSpec spec = DefaultSpec.Make(Linux.Cgroups.CgroupHierarchies.Current.Mode == Linux.Cgroups.CgroupMode.V2);
        if (rootless)
        {
            DefaultSpec.MakeRootless(spec, Linux.Interop.Libc.geteuid(), Linux.Interop.Libc.getegid());
        }

        File.WriteAllBytes(path, DefaultSpecWriter.Write(spec));
        return 0;
    }
}
