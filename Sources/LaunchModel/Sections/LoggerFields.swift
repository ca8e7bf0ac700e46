/// What is reported, how often and where.
public final class LoggerFields: SectionFields {
  public static let fields = LoggerFields()
  public static let schema = SectionSchema("logger", of: fields, "What is reported, how often and where.")

  public let logInterval = Field<Int>(
    "log_interval", default: 100, in: .size, aliases: ["logging_steps", "log_every_n_steps"], "Steps between lines.")
  public let tensorboardDir = Field<String?>("tensorboard_dir", default: nil, "TensorBoard event files go here.")
  public let logTimersToTensorboard = Field<Bool>(
    "log_timers_to_tensorboard", default: false, "Writes timers there as well.")
  public let logThroughput = Field<Bool>("log_throughput", default: false, "Reports TFLOP/s per GPU.")
  public let wandbProject = Field<String?>("wandb_project", default: nil, "Weights & Biases project.")
  public let wandbEntity = Field<String?>("wandb_entity", default: nil, "Weights & Biases entity.")
  public let wandbExpName = Field<String?>("wandb_exp_name", default: nil, "Weights & Biases run name.")
  public let mlflowExperiment = Field<String?>("mlflow_experiment", default: nil, "MLflow experiment.")
  public let mlflowRunName = Field<String?>("mlflow_run_name", default: nil, "MLflow run name.")
}
