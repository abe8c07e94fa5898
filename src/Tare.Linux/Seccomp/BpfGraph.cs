namespace Tare.Linux.Seccomp;

/// <summary>
/// A filter as a graph without cycles, in which equal parts exist once. A node is one instruction; its successors are other nodes.
/// <see cref="Assemble"/> lays it out so that every jump goes forward, as classic BPF demands.
/// </summary>
internal sealed class BpfGraph
{
    private const int MaxSkip = 255;

    private readonly Dictionary<Node, int> _ids = new(512);
    private readonly List<Node> _nodes = new(512);

    /// <summary>Ends the filter with a value.</summary>
    public int Return(uint value) => Intern(new Node(Bpf.Return, value, -1, -1));

    /// <summary>Loads a word of struct seccomp_data, then goes on.</summary>
    public int Load(uint offset, int next) => Intern(new Node(Bpf.LoadWord, offset, next, next));

    /// <summary>Masks the loaded word, then goes on.</summary>
    public int And(uint mask, int next) => Intern(new Node(Bpf.And, mask, next, next));

    /// <summary>Goes on by a comparison of the loaded word with a constant.</summary>
    public int Branch(ushort comparison, uint constant, int whenTrue, int whenFalse) =>
        whenTrue == whenFalse ? whenTrue : Intern(new Node(comparison, constant, whenTrue, whenFalse));

    /// <summary>The program that starts at <paramref name="root"/>.</summary>
    /// <exception cref="ArgumentException">Longer than the kernel takes (BPF_MAXINSNS, 4096).</exception>
    public SockFilter[] Assemble(int root)
    {
        // Built from the end to the start: a node is placed when all its successors are, so every distance is known.
        List<SockFilter> reversed = new(_nodes.Count + 16);
        int[] places = new int[_nodes.Count];
        Array.Fill(places, -1);
        Place(root, reversed, places);
        if (reversed.Count > Bpf.MaxInstructions)
        {
            throw new ArgumentException($"seccomp filter of {reversed.Count} instructions: the kernel takes at most {Bpf.MaxInstructions}");
        }

        SockFilter[] program = [.. reversed];
        Array.Reverse(program);
        return program;
    }

    private void Place(int id, List<SockFilter> reversed, int[] places)
    {
        if (places[id] >= 0)
        {
            return;
        }

        Node node = _nodes[id];
        if (node.Code == Bpf.Return)
        {
            Append(new SockFilter(Bpf.Return, 0, 0, node.K));
            return;
        }

        Place(node.WhenTrue, reversed, places);
        Place(node.WhenFalse, reversed, places);
        if (node.Code is Bpf.LoadWord or Bpf.And)
        {
            if (reversed.Count - 1 != places[node.WhenTrue])
            {
                AppendDetour(node.WhenTrue);
            }

            Append(new SockFilter(node.Code, 0, 0, node.K));
            return;
        }

        // A detour for one side makes the other side one instruction farther.
        if (reversed.Count - 1 - places[node.WhenTrue] >= MaxSkip)
        {
            places[node.WhenTrue] = AppendDetour(node.WhenTrue);
        }

        if (reversed.Count - 1 - places[node.WhenFalse] > MaxSkip)
        {
            places[node.WhenFalse] = AppendDetour(node.WhenFalse);
        }

        int last = reversed.Count - 1;
        Append(new SockFilter(node.Code, (byte)(last - places[node.WhenTrue]), (byte)(last - places[node.WhenFalse]), node.K));

        void Append(SockFilter instruction)
        {
            places[id] = reversed.Count;
            reversed.Add(instruction);
        }

        // A far return is repeated here, anything else is reached by an unconditional jump. Later nodes are nearer to this copy.
        int AppendDetour(int target)
        {
            reversed.Add(_nodes[target].Code == Bpf.Return
                ? new SockFilter(Bpf.Return, 0, 0, _nodes[target].K)
                : new SockFilter(Bpf.Jump, 0, 0, (uint)(reversed.Count - 1 - places[target])));
            return reversed.Count - 1;
        }
    }

    private int Intern(Node node)
    {
        if (!_ids.TryGetValue(node, out int id))
        {
            id = _nodes.Count;
            _nodes.Add(node);
            _ids.Add(node, id);
        }

        return id;
    }

    private readonly record struct Node(ushort Code, uint K, int WhenTrue, int WhenFalse);
}
