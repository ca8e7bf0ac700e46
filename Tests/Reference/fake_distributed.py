"""A pretended torch.distributed of any world size in one process.

Groups know their ranks, nothing is ever sent. megatron-core's own functions build and check the groups; only
`new_group` and the collectives are replaced, so every assertion about sizes is the real one.
"""

import torch
import torch.distributed as dist


class Group:
    """A process group: its ranks, and this process's place in it (0 where it is not a member)."""

    __slots__ = ("ranks", "_place", "group_name", "group_desc")

    def __init__(self, ranks):
        self.ranks = ranks
        self._place = {rank: i for i, rank in enumerate(ranks)}
        self.group_name = self.group_desc = ""

    def size(self):
        return len(self.ranks)

    def rank(self):
        return self._place.get(World.rank, 0)

    def name(self):
        return "fake"

    def __deepcopy__(self, _memo):
        return self


class World:
    """The pretended world: set with `World.enter`."""

    size = 1
    rank = 0
    default = Group([0])
    alone = Group([0])
    gathered = []

    @classmethod
    def enter(cls, size, rank=0):
        cls.size, cls.rank, cls.gathered = size, rank, []
        cls.default = Group(range(size))


def _group(group):
    return World.default if group is None else group


class _Done:
    def wait(self, *_):
        return True

    def is_completed(self):
        return True


def _no_op(*_, async_op=False, **__):
    return _Done() if async_op else None


def _all_gather_object(object_list, obj, group=None):
    """Every peer is taken to hold what this process holds; what other pipeline stages gathered is in World.gathered."""
    World.gathered.append(obj)
    for i in range(len(object_list)):
        object_list[i] = World.gathered[i] if 0 < i < len(World.gathered) else obj


def _new_subgroups(ranks_per_subgroup_list, *_, **__):
    groups = [Group(ranks) for ranks in ranks_per_subgroup_list]
    mine = next((g for g in groups if World.rank in g.ranks), None)
    return mine, groups


def install():
    """Replaces the functions of torch.distributed that need peers."""
    replacements = {
        "is_available": lambda: True,
        "is_initialized": lambda: True,
        "get_world_size": lambda group=None: _group(group).size(),
        "get_rank": lambda group=None: World.rank if group is None else group.rank(),
        "get_backend": lambda group=None: "nccl",
        "get_process_group_ranks": lambda group=None: list(_group(group).ranks),
        "get_group_rank": lambda group, rank: _group(group)._place[rank],
        "get_global_rank": lambda group, rank: _group(group).ranks[rank],
        "new_group": lambda ranks=None, *_, **__: Group(range(World.size) if ranks is None else ranks),
        "new_subgroups_by_enumeration": _new_subgroups,
        "all_gather_object": _all_gather_object,
        "init_process_group": _no_op,
        "destroy_process_group": _no_op,
    }
    for name in ("barrier", "all_reduce", "broadcast", "all_gather", "all_gather_into_tensor", "reduce_scatter",
                 "reduce_scatter_tensor", "all_to_all_single", "all_to_all", "reduce", "send", "recv", "isend", "irecv",
                 "broadcast_object_list", "gather", "scatter", "_all_gather_base",
                 "_reduce_scatter_base"):
        replacements[name] = _no_op
    for name, function in replacements.items():
        setattr(dist, name, function)
        setattr(dist.distributed_c10d, name, function)
    torch.distributed.group.WORLD  # touched so that a missing attribute shows here, not in a phase
