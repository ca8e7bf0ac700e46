/// What is reported, how often and where.
public struct LoggerFields: SectionFields {
  public static let fields = LoggerFields()
  public static let schema = SectionSchema("logger", fields.declarations, "What is reported, how often and where.")
  let declarations: [FieldDeclaration]

  public let logInterval: Field<Int>
  public let tensorboardDir: Field<String?>
  public let logTimersToTensorboard: Field<Bool>
  public let logThroughput: Field<Bool>
  public let wandbProject: Field<String?>
  public let wandbEntity: Field<String?>
  public let wandbExpName: Field<String?>
  public let mlflowExperiment: Field<String?>
  public let mlflowRunName: Field<String?>

  private init() {
    var list = FieldList()
    logInterval = list.add(
      "log_interval", default: 100, in: .size, aliases: ["logging_steps", "log_every_n_steps"], "Steps between lines.")
    tensorboardDir = list.add("tensorboard_dir", default: nil, "TensorBoard event files go here.")
    logTimersToTensorboard = list.add("log_timers_to_tensorboard", default: false, "Writes timers there as well.")
    logThroughput = list.add("log_throughput", default: false, "Reports TFLOP/s per GPU.")
    wandbProject = list.add("wandb_project", default: nil, "Weights & Biases project.")
    wandbEntity = list.add("wandb_entity", default: nil, "Weights & Biases entity.")
    wandbExpName = list.add("wandb_exp_name", default: nil, "Weights & Biases run name.")
    mlflowExperiment = list.add("mlflow_experiment", default: nil, "MLflow experiment.")
    mlflowRunName = list.add("mlflow_run_name", default: nil, "MLflow run name.")
    declarations = list.declarations
  }
}
