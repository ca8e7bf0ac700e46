package import FileAccess
package import LaunchModel

/// A launch with everything it needs: what `moonlight export` writes, and what the trainer writes before it starts one.
package struct Launch: Sendable {
  package let plan: LaunchPlan
  /// What starts it, as its launcher writes it.
  package let file: ExportedFile

  /// The launch of a config.
  ///
  /// - Parameters:
  ///   - directory: where its files will be; the run's own folder for it if `nil`.
  ///   - only: the one step that it runs; all of them if `nil`.
  package static func launch(
    of config: LaunchConfig, by launcher: any Launcher, directory: String? = nil, only: LaunchPlan.Step? = nil
  ) -> Exported<Launch> {
    let directory = directory ?? config.runDirectory + "/launch"
    return LaunchPlan.plan(for: config, launcher: launcher, directory: directory, only: only).map {
      let text = launcher.text(of: $0, for: config)
      return Launch(plan: $0, file: ExportedFile(launcher.fileName, text, isExecutable: launcher.isExecutable))
    }
  }

  /// Everything in its folder. The launcher's comes last: where it is, everything it needs is.
  package var files: [ExportedFile] { plan.files + [file] }

  /// Writes the files into the launch's folder, which is made where it is missing.
  package func write() throws(OutputError) {
    try OutputFile.makeFolder(plan.directory)
    for file in files {
      let path = plan.directory + "/" + file.name
      try OutputFile.write(TextSeal.sealed(file.text), to: path, isExecutable: file.isExecutable)
    }
  }
}
