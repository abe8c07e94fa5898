using System.Security.Cryptography;
using Tare.Engine.Errors;

namespace Tare.Engine.Containers;

/// <summary>What may be a container's name, and names for containers that were given none: an adjective and the surname of someone who moved knowledge on.</summary>
internal static class ContainerNames
{
    private static readonly string[] s_adjectives =
    [
        "able", "agile", "airy", "amber", "ample", "apt", "balmy", "bold", "breezy", "brisk", "bright", "calm", "candid", "careful", "cheery", "civil",
        "clear", "clever", "cosy", "crisp", "curious", "dapper", "daring", "deft", "early", "earnest", "easy", "elegant", "exact", "fair", "fearless",
        "fleet", "fluent", "frank", "fresh", "gentle", "gleeful", "golden", "handy", "hardy", "honest", "humble", "jaunty", "jolly", "keen", "kind",
        "level", "light", "lively", "lucid", "lunar", "mellow", "merry", "mild", "modest", "nimble", "noble", "open", "patient", "placid", "plucky",
        "polite", "prompt", "proud", "quick", "quiet", "rapid", "ready", "robust", "sharp", "silent", "silver", "simple", "sincere", "smart", "smooth",
        "snug", "sober", "solar", "solid", "spry", "stable", "steady", "stellar", "subtle", "sunny", "swift", "tender", "tidy", "tranquil", "true",
        "upbeat", "vivid", "warm", "wise", "witty", "zesty",
    ];

    private static readonly string[] s_surnames =
    [
        "abel", "agnesi", "alder", "ampere", "anning", "arago", "banach", "banneker", "bardeen", "bassi", "berners", "bernoulli", "bessel", "boole",
        "bose", "brahe", "cantor", "carnot", "carson", "carver", "cassini", "cauchy", "celsius", "cerf", "chandra", "clairaut", "clarke", "cori",
        "coulomb", "cray", "curie", "dalton", "darwin", "davy", "dijkstra", "doppler", "edison", "elion", "erdos", "euclid", "euler", "faraday",
        "fermat", "fermi", "feynman", "fibonacci", "flamsteed", "fourier", "franklin", "fresnel", "galilei", "galois", "gauss", "germain", "gibbs",
        "godel", "goodall", "hahn", "halley", "hamilton", "hardy", "harvey", "heaviside", "helmholtz", "herschel", "hertz", "hilbert", "hodgkin",
        "hooke", "hopper", "hubble", "huygens", "hypatia", "jacobi", "jansky", "johnson", "joule", "kepler", "khayyam", "kirchhoff", "klein", "knuth",
        "kovalevskaya", "lagrange", "lamarr", "laplace", "lavoisier", "leavitt", "leibniz", "liskov", "lovelace", "maxwell", "mayer", "mcclintock",
        "meitner", "mendel", "mendeleev", "mirzakhani", "mitchell", "napier", "newton", "nightingale", "noether", "nobel", "ohm", "oresme", "pascal",
        "pasteur", "pauling", "payne", "perlman", "planck", "poincare", "ptolemy", "ramanujan", "ride", "ritchie", "rubin", "sagan", "shannon",
        "sinoussi", "snell", "somerville", "stokes", "tesla", "thales", "thompson", "torricelli", "turing", "vaughan", "volta", "wiles", "wu", "yalow",
    ];

    /// <summary>Takes off the leading slash and refuses what Docker refuses: other than <c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>.</summary>
    /// <exception cref="EngineException">InvalidArgument, in Docker's words.</exception>
    public static string Normalise(string name)
    {
        string bare = name.StartsWith('/') ? name[1..] : name;
        return IsValid(bare)
            ? bare
            : throw new EngineException(ErrorClass.InvalidArgument, $"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    }

    /// <summary>Whether a text without slash is a name: of volumes too.</summary>
    public static bool IsValid(string name)
    {
        if (name.Length < 2 || !char.IsAsciiLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes up a name; from the second attempt on with a digit, as the plain ones may be used up.</summary>
    public static string MakeUp(int attempt)
    {
        string name = $"{s_adjectives[RandomNumberGenerator.GetInt32(s_adjectives.Length)]}_{s_surnames[RandomNumberGenerator.GetInt32(s_surnames.Length)]}";
        return attempt == 0 ? name : name + RandomNumberGenerator.GetInt32(attempt < 8 ? 10 : 100_000);
    }

    /// <summary>Makes up an id: 64 hexadecimal digits.</summary>
    public static string NewId()
    {
        while (true)
        {
            string id = RandomNumberGenerator.GetHexString(64, lowercase: true);

            // The short form must not read as a number: tools take the first 12 digits as a host name, and a host name of digits only is an address.
            if (id.AsSpan(0, 12).ContainsAnyExceptInRange('0', '9'))
            {
                return id;
            }
        }
    }
}
