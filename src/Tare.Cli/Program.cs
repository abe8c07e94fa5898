using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        OutputWriter output = Writer(1);
        OutputWriter error = Writer(2);
        try
        {
            int exitCode = new Launcher(output, error).Run(arguments);
            output.Flush();
            error.Flush();
            return exitCode;
        }
        catch (IOException failure) when (failure.HResult == OutputWriter.BrokenPipe)
        {
            // Whoever read the output went away, which is how "tare logs x | head" ends. The shell's code for SIGPIPE.
            return 128 + 13;
        }
    }

    private static OutputWriter Writer(int descriptor)
    {
        bool terminal = Terminal.IsTerminal(descriptor);
        return new OutputWriter(new StandardStream(descriptor), terminal, () => Terminal.SizeOf(descriptor).Columns is > 0 and ushort columns ? columns : 80);
    }
}
