using System.Net;

namespace Tare.Network.Files;

/// <summary>What a resolv.conf(5) says.</summary>
internal sealed class HostResolver
{
    /// <summary>Reads a file: the last <c>search</c> or <c>domain</c> counts, options add up, unknown lines are kept.</summary>
    public HostResolver(string text)
    {
        foreach (string line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] is '#' or ';')
            {
                continue;
            }

            Take(words, line);
        }
    }

    /// <summary>Addresses of name servers.</summary>
    public List<string> Servers { get; } = [];

    /// <summary>Name servers that are no addresses.</summary>
    public List<string> Invalid { get; } = [];

    /// <summary>Search domains.</summary>
    public List<string> Search { get; private set; } = [];

    /// <summary>Options.</summary>
    public List<string> Options { get; } = [];

    /// <summary>Lines with other keywords.</summary>
    public List<string> Others { get; } = [];

    private void Take(string[] words, string line)
    {
        switch (words[0])
        {
            case "nameserver" when words.Length > 1:
                (IPAddress.TryParse(words[1], out _) ? Servers : Invalid).Add(words[1]);
                break;
            case "search" or "domain" when words.Length > 1:
                Search = [.. words[1..]];
                break;
            case "options" when words.Length > 1:
                Options.AddRange(words[1..]);
                break;
            case "nameserver" or "search" or "domain" or "options":
                break;
            default:
                Others.Add(line);
                break;
        }
    }
}
