import LaunchModel
import Releases

/// The Python programs of a launch, for the packages of a release. They are the same for every config of it: what differs
/// comes as arguments and from the config file, never by writing values into a program.
struct PythonPrograms {
  let release: Release

  /// What torchrun runs on every GPU.
  var training: ExportedFile { file("train.py", Self.trainingText) }

  /// Hugging Face to Megatron.
  var importing: ExportedFile { file("import_checkpoint.py", Self.importingText) }

  /// Megatron to Hugging Face.
  var exporting: ExportedFile { file("export_checkpoint.py", Self.exportingText) }

  /// Adapters to what others load.
  var exportingAdapter: ExportedFile { file("export_adapter.py", exportingAdapterText) }

  /// JSONL to what Megatron reads.
  var preparing: ExportedFile { file("prepare_data.py", Self.preparingText) }

  /// What the others share: a module beside them.
  var common: ExportedFile { file("megatron_release.py", commonText) }

  private func file(_ name: String, _ text: String) -> ExportedFile {
    ExportedFile(name, "# For \(release.packages), written by moonlight \(toolVersion).\n" + text)
  }
}
