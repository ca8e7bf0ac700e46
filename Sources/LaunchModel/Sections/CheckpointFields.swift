/// What is loaded and saved, and when.
public struct CheckpointFields: SectionFields {
  public static let fields = CheckpointFields()
  public static let schema = SectionSchema("checkpoint", fields.declarations, "What is loaded and saved, and when.")
  let declarations: [FieldDeclaration]

  public let save: Field<String?>
  public let load: Field<String?>
  public let saveInterval: Field<Int?>
  public let pretrainedCheckpoint: Field<String?>
  public let mostRecentK: Field<Int?>
  public let saveOptim: Field<Bool>
  public let saveRNG: Field<Bool>
  public let loadOptim: Field<Bool>
  public let loadRNG: Field<Bool>
  public let loadMainParamsFromCkpt: Field<Bool>
  public let finetune: Field<Bool>
  public let ckptFormat: Field<CheckpointFormat>
  public let ckptStep: Field<Int?>
  public let fullyParallelSave: Field<Bool>
  public let fullyParallelLoad: Field<Bool>
  public let asyncSave: Field<Bool>
  public let usePersistentCkptWorker: Field<Bool>
  public let distCkptOptimFullyReshardable: Field<Bool>
  public let distribOptimFullyReshardableMemEfficient: Field<Bool>
  public let nonPersistentCkptType: Field<String?>

  private init() {
    var list = FieldList()
    save = list.add("save", default: nil, "Directory to save in.")
    load = list.add("load", default: nil, "Directory to resume from, if it holds a checkpoint.")
    saveInterval = list.add(
      "save_interval", default: nil, in: .count, aliases: ["save_steps"], "Steps between checkpoints.")
    pretrainedCheckpoint = list.add("pretrained_checkpoint", default: nil, "The weights that finetuning starts from.")
    mostRecentK = list.add(
      "most_recent_k", default: -1, in: Bounds(lower: -1, upper: 2_147_483_647), "Checkpoints kept; -1 keeps all.")
    saveOptim = list.add("save_optim", default: true, "Saves optimizer states.")
    saveRNG = list.add("save_rng", default: true, "Saves random number states.")
    loadOptim = list.add("load_optim", default: true, "Loads optimizer states.")
    loadRNG = list.add("load_rng", default: true, "Loads random number states.")
    loadMainParamsFromCkpt = list.add(
      "load_main_params_from_ckpt", default: false, "Loads fp32 master weights where the optimizer is not loaded.")
    finetune = list.add("finetune", default: false, "Loads weights only and starts at step 0.")
    ckptFormat = list.add("ckpt_format", default: .torchDist, "Format on disk.")
    ckptStep = list.add("ckpt_step", default: nil, in: .count, "Loads this step instead of the latest.")
    fullyParallelSave = list.add("fully_parallel_save", default: true, "All replicas write.")
    fullyParallelLoad = list.add("fully_parallel_load", default: false, "All replicas read.")
    asyncSave = list.add("async_save", default: false, "Writes while training goes on.")
    usePersistentCkptWorker = list.add(
      "use_persistent_ckpt_worker", default: true, "Keeps one writer process for asynchronous saves.")
    distCkptOptimFullyReshardable = list.add(
      "dist_ckpt_optim_fully_reshardable", default: false, "Optimizer states load under any layout.")
    distribOptimFullyReshardableMemEfficient = list.add(
      "distrib_optim_fully_reshardable_mem_efficient", default: false, "The same with less memory.")
    nonPersistentCkptType = list.add("non_persistent_ckpt_type", default: nil, "`global`, `local` or `null`.")
    declarations = list.declarations
  }
}
