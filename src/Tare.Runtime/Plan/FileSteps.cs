using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Runtime.Plan;

/// <summary>Steps on files inside a root, which are found only through openat2(2): nothing in the root can lead outside of it.</summary>
internal static class FileSteps
{
    private const uint DirectoryMode = 0x1ED; // 0755

    /// <summary>Opens a path inside the root. The root's own links are followed inside it.</summary>
    /// <param name="builder">The stage.</param>
    /// <param name="root">The root.</param>
    /// <param name="path">The path.</param>
    /// <param name="flags">O_…</param>
    /// <param name="into">The slot for the descriptor.</param>
    /// <param name="resolve">Further RESOLVE_… flags of openat2(2).</param>
    public static PlanBuilder.StepHandle OpenInRoot(this PlanBuilder builder, Slot root, string path, int flags, Slot into, ulong resolve = 0)
    {
        string relative = Relative(path);
        nint how = builder.Memory.Copy(new MountApi.OpenHow((uint)(flags | Libc.O_CLOEXEC), 0, MountApi.ResolveInRoot | MountApi.ResolveNoMagicLinks | resolve));
        return builder.Call("openat2", Syscalls.OpenAt2, Quote(path), root, builder.Memory.String(relative), how, 24).Into(into).Detail($"in {root.Name}");
    }

    /// <summary>Opens a directory or a file inside the root as a place to mount on, making it, and the directories above it, where it is missing.</summary>
    public static Slot EnsureTarget(this PlanBuilder builder, Slot root, string path, bool directory)
    {
        Slot target = builder.NewSlot(path);
        builder.OpenInRoot(root, path, Libc.O_PATH, target).Tolerant();
        string[] parts = Relative(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts is ["."])
        {
            return target;
        }

        builder.Add(StepKind.MakePath, "make", Quote(path), root, builder.Memory.String(Relative(path)), directory ? 1 : 0).When(target, StepCondition.Failed)
            .Detail(directory ? "a directory" : "a file");
        builder.OpenInRoot(root, path, Libc.O_PATH, target).When(target, StepCondition.Failed);
        return target;
    }

    /// <summary>Opens the directory that holds the last of <paramref name="parts"/>, making what is missing.</summary>
    public static Slot EnsureParents(this PlanBuilder builder, Slot root, string[] parts)
    {
        Slot current = root;
        for (int i = 0; i < parts.Length - 1; i++)
        {
            string prefix = "/" + string.Join('/', parts[..(i + 1)]);
            Slot next = builder.NewSlot(prefix);
            builder.OpenInRoot(root, prefix, Libc.O_PATH | Libc.O_DIRECTORY, next).Tolerant();
            builder.Call("mkdirat", Syscalls.MkdirAt, Quote(prefix), current, builder.Memory.String(parts[i]), DirectoryMode)
                .When(next, StepCondition.Failed).Ignoring(Errno.EEXIST);
            builder.OpenInRoot(root, prefix, Libc.O_PATH | Libc.O_DIRECTORY, next).When(next, StepCondition.Failed);
            current = next;
        }

        return current;
    }

    /// <summary>Fails unless a file is the device that is expected, and no link to one.</summary>
    /// <param name="builder">The stage.</param>
    /// <param name="directory">Its directory, or with an empty name the file itself.</param>
    /// <param name="name">Address of its name there.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="type">S_IF…</param>
    /// <param name="number">Major and minor number; null for what has none.</param>
    public static unsafe void ExpectDevice(this PlanBuilder builder, Slot directory, nint name, string path, uint type, (long Major, long Minor)? number)
    {
        byte* status = builder.Memory.Allocate(sizeof(Libc.statx_t));
        builder.Call("statx", Syscalls.Statx, Quote(path), directory, name, Libc.AT_EMPTY_PATH | Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, (nint)status);
        string subject = number is { } device ? $"{Quote(path)} to be the device {device.Major}:{device.Minor}" : $"{Quote(path)} to be a fifo";
        Libc.statx_t* fields = (Libc.statx_t*)status;
        builder.Add(StepKind.Expect, "expect", subject, (nint)(&fields->stx_mode), Libc.S_IFMT, type);
        if (number is { } wanted)
        {
            builder.Add(StepKind.Expect, "expect", subject, (nint)(&fields->stx_rdev_major), uint.MaxValue, wanted.Major);
            builder.Add(StepKind.Expect, "expect", subject, (nint)(&fields->stx_rdev_minor), uint.MaxValue, wanted.Minor);
        }
    }

    /// <summary>Writes a value into a file of the runtime's own procfs, below <paramref name="proc"/>.</summary>
    public static void WriteProc(this PlanBuilder builder, Slot proc, string path, string value)
    {
        Slot file = builder.NewSlot("/proc/" + path);
        builder.Call("openat", Syscalls.OpenAt, Quote("/proc/" + path), proc, builder.Memory.String(path), Libc.O_WRONLY | Libc.O_CLOEXEC, 0).Into(file);
        builder.WriteTo(file, value, "/proc/" + path);
    }

    /// <summary>Writes a value to a descriptor in one call.</summary>
    public static PlanBuilder.StepHandle WriteTo(this PlanBuilder builder, Slot file, string value, string subject)
        => builder.Call("write", Syscalls.Write, $"{Quote(value)} to {Quote(subject)}", file, builder.Memory.String(value), System.Text.Encoding.UTF8.GetByteCount(value));

    /// <summary>A text in quotes.</summary>
    public static string Quote(string text) => $"\"{text}\"";

    private static string Relative(string path)
    {
        string relative = path.TrimStart('/');
        return relative.Length == 0 ? "." : relative;
    }
}
