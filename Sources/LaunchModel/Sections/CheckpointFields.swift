/// What is loaded and saved, and when.
public final class CheckpointFields: SectionFields {
  public static let fields = CheckpointFields()
  public static let schema = SectionSchema("checkpoint", of: fields, "What is loaded and saved, and when.")

  public let save = Field<String?>("save", default: nil, "Directory to save in.")
  public let load = Field<String?>("load", default: nil, "Directory to resume from, if it holds a checkpoint.")
  public let saveInterval = Field<Int?>(
    "save_interval", default: nil, in: .count, aliases: ["save_steps"], "Steps between checkpoints.")
  public let pretrainedCheckpoint = Field<String?>(
    "pretrained_checkpoint", default: nil, "The weights that finetuning starts from.")
  public let mostRecentK = Field<Int?>(
    "most_recent_k", default: -1, in: Bounds(lower: -1, upper: 2_147_483_647), "Checkpoints kept; -1 keeps all.")
  public let saveOptim = Field<Bool>("save_optim", default: true, "Saves optimizer states.")
  public let saveRNG = Field<Bool>("save_rng", default: true, "Saves random number states.")
  public let loadOptim = Field<Bool>("load_optim", default: true, "Loads optimizer states.")
  public let loadRNG = Field<Bool>("load_rng", default: true, "Loads random number states.")
  public let loadMainParamsFromCkpt = Field<Bool>(
    "load_main_params_from_ckpt", default: false, "Loads fp32 master weights where the optimizer is not loaded.")
  public let finetune = Field<Bool>("finetune", default: false, "Loads weights only and starts at step 0.")
  public let ckptFormat = Field<CheckpointFormat>("ckpt_format", default: .torchDist, "Format on disk.")
  public let ckptStep = Field<Int?>("ckpt_step", default: nil, in: .count, "Loads this step instead of the latest.")
  public let fullyParallelSave = Field<Bool>("fully_parallel_save", default: true, "All replicas write.")
  public let fullyParallelLoad = Field<Bool>("fully_parallel_load", default: false, "All replicas read.")
  public let asyncSave = Field<Bool>("async_save", default: false, "Writes while training goes on.")
  public let usePersistentCkptWorker = Field<Bool>(
    "use_persistent_ckpt_worker", default: true, "Keeps one writer process for asynchronous saves.")
  public let distCkptOptimFullyReshardable = Field<Bool>(
    "dist_ckpt_optim_fully_reshardable", default: false, "Optimizer states load under any layout.")
  public let distribOptimFullyReshardableMemEfficient = Field<Bool>(
    "distrib_optim_fully_reshardable_mem_efficient", default: false, "The same with less memory.")
  public let nonPersistentCkptType = Field<String?>(
    "non_persistent_ckpt_type", default: nil, "`global`, `local` or `null`.")
}
