using System.Text;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli.Credentials;

/// <summary>Asks a person at the terminal for name and password.</summary>
/// <param name="output">Where the questions go.</param>
internal sealed class CredentialPrompt(OutputWriter output)
{
    private const int StandardInput = 0;
    private const int Interrupted = 130;

    /// <summary>Refuses where nobody can be asked.</summary>
    /// <exception cref="CommandException">Standard input is no terminal (Docker's words).</exception>
    public static void EnsureTerminal()
    {
        if (!Terminal.IsTerminal(StandardInput))
        {
            throw new CommandException("Error: Cannot perform an interactive login from a non TTY device");
        }
    }

    /// <summary>Asks for the name.</summary>
    /// <param name="suggestion">Taken when nothing is typed; empty for none.</param>
    /// <exception cref="CommandException">None was given.</exception>
    public string AskUsername(string suggestion)
    {
        output.Write(suggestion.Length > 0 ? $"Username ({suggestion}): " : "Username: ");
        output.Flush();
        string name = ReadLine(new StandardStream(StandardInput)).Trim();
        return name.Length > 0 ? name : suggestion.Length > 0 ? suggestion : throw new CommandException("Error: Non-null Username Required");
    }

    /// <summary>Asks for the password, which is not shown.</summary>
    /// <exception cref="CommandException">None was given, or the person gave up.</exception>
    public string AskPassword()
    {
        output.Write("Password: ");
        output.Flush();
        string password;
        using (Terminal.EnterRawMode(StandardInput))
        {
            password = ReadLine(new StandardStream(StandardInput));
        }

        output.WriteLine("");
        output.Flush();
        return password.Length > 0 ? password : throw new CommandException("Error: Password Required");
    }

    /// <summary>Reads to the line's end; in raw mode the keys for erasing and giving up come here too.</summary>
    private static string ReadLine(StandardStream input)
    {
        const byte Interrupt = 3, EndOfTransmission = 4, Backspace = 8, Delete = 127;
        List<byte> line = [];
        byte[] one = new byte[1];
        while (input.Read(one, 0, 1) > 0)
        {
            switch (one[0])
            {
                case (byte)'\r' or (byte)'\n' or EndOfTransmission:
                    return Encoding.UTF8.GetString([.. line]);
                case Interrupt:
                    throw new CommandException("", Interrupted);
                case Backspace or Delete:
                    while (line.Count > 0)
                    {
                        byte last = line[^1];
                        line.RemoveAt(line.Count - 1);
                        if ((last & 0xC0) != 0x80)
                        {
                            break; // the first byte of a character
                        }
                    }

                    break;
                default:
                    line.Add(one[0]);
                    break;
            }
        }

        return Encoding.UTF8.GetString([.. line]);
    }
}
