import LaunchModel
import Testing

@Suite("RUN, ENV: where a run writes, and the environment of its processes")
struct RunTests {
  @Test(
    arguments: [
      .error("RUN-01", ["recipe.name": ""], at: "recipe.name", "is empty"),
      .error("RUN-01", ["recipe.name": ".."], at: "recipe.name", "no folder of its own"),
      .error("RUN-01", ["recipe.name": "."], at: "recipe.name", "no folder of its own"),
      .error("RUN-01", ["recipe.name": "/etc/cron.d"], at: "recipe.name", "holds a `/`"),
      .error("RUN-01", ["recipe.name": "../../other"], at: "recipe.name", "holds a `/`"),
      .error("RUN-01", ["recipe.name": "a\nb"], at: "recipe.name", "control character"),
      .error("RUN-01", ["recipe.name": .string(String(repeating: "x", count: 256))], at: "recipe.name", "256 bytes"),
      .accepted("RUN-01", ["recipe.name": "..."]),
      .accepted("RUN-01", ["recipe.name": "run 1, été"]),
      .accepted("RUN-01", ["recipe.dir": "/results/../team"]),
    ] as [ValidationCase])
  func name(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error("ENV-01", ["env_vars.WORLD_SIZE": "8"], at: "env_vars.WORLD_SIZE", "belongs to torchrun"),
      .error("ENV-01", ["env_vars.SLURM_PROCID": "0"], at: "env_vars.SLURM_PROCID", "belongs to Slurm"),
      .error("ENV-01", ["env_vars.LD_PRELOAD": "x.so"], at: "env_vars.LD_PRELOAD", "the dynamic linker"),
      .error("ENV-01", ["env_vars.PWD": "/"], at: "env_vars.PWD", "belongs to bash"),
      .error("ENV-01", ["env_vars.SHELLOPTS": "x"], at: "env_vars.SHELLOPTS", "belongs to bash"),
      .error("ENV-01", ["env_vars.a-b": "x"], at: "env_vars.a-b", "cannot be the name"),
      .error("ENV-01", ["env_vars.1A": "x"], at: "env_vars.1A", "cannot be the name"),
      .accepted("ENV-01", ["env_vars.NCCL_DEBUG": "INFO", "env_vars.OMP_NUM_THREADS": "1"]),
      .accepted("ENV-01", ["env_vars.LD_LIBRARY_PATH": "/opt/lib"]),
      .warning("ENV-02", ["env_vars.LD_LIBRARY_PATH": "/opt/lib"], at: "env_vars.LD_LIBRARY_PATH", "which libraries"),
      .warning("ENV-02", ["env_vars.CUDA_VISIBLE_DEVICES": "0"], at: "env_vars.CUDA_VISIBLE_DEVICES", "which GPUs"),
      .accepted("ENV-02", ["env_vars.NCCL_DEBUG": "INFO"]),
    ] as [ValidationCase])
  func variables(_ item: ValidationCase) throws { try item.check() }
}
