// One machine, one kernel: tests look for what others left behind, so they run one after another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
