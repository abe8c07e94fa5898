using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Oci.Runtime;
using Tare.Runtime.Commands;
using Tare.Runtime.Containers;
using Tare.Runtime.Shim.Loop;

namespace Tare.Runtime.UserNamespaces;

/// <summary>
/// <c>tare-runtime user-namespace --uids INSIDE:OUTSIDE:SIZE[,…] --gids …</c>: makes a user namespace that only stands for its maps, sends it over the unix socket that is descriptor 3,
/// and ends. Started by the daemon, which must not clone by itself.
/// </summary>
internal static class UserNamespaceCommand
{
    private const int SocketDescriptor = 3;

    /// <summary>Runs the command. What goes wrong is told over the socket.</summary>
    public static int Run(CommandLineReader reader)
    {
        List<IdMapping> uids = [];
        List<IdMapping> gids = [];
        while (reader.NextOption())
        {
            List<IdMapping> maps = reader.Option switch
            {
                "uids" => uids,
                "gids" => gids,
                _ => throw reader.Unknown("user-namespace"),
            };
            maps.AddRange(Parse(reader.Value()));
        }

        using SafeFileHandle socket = new(SocketDescriptor, ownsHandle: true);
        try
        {
            using SafeFileHandle made = UserNamespaceMaker.Make(uids, gids);
            DescriptorPassing.Send(socket, made, UserNamespaceClient.Done);
            return 0;
        }
        catch (RuntimeException failure)
        {
            _ = Descriptors.Send(SocketDescriptor, Encoding.UTF8.GetBytes(failure.Message));
            return 1;
        }
    }

    private static IEnumerable<IdMapping> Parse(string text) => text.Split(',').Select(static range =>
    {
        string[] words = range.Split(':');
        return words.Length == 3 && TryNumber(words[0], out uint inside) && TryNumber(words[1], out uint outside) && TryNumber(words[2], out uint size)
            ? new IdMapping { ContainerId = inside, HostId = outside, Size = size }
            : throw new RuntimeException(ErrorKind.Invalid, $"user-namespace: \"{range}\" is no range INSIDE:OUTSIDE:SIZE");
    });

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
