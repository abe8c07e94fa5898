using System.Security.Cryptography;
using System.Text;

namespace Tare.Engine.Networks;

/// <summary>Ids of the predefined networks: the same at every start of a daemon, different between daemons.</summary>
internal static class NetworkIds
{
    /// <summary>The id of a network of the daemon that owns <paramref name="dataRoot"/>.</summary>
    public static string Of(string dataRoot, string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{dataRoot}\0{name}")));
}
