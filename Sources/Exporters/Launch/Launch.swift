package import FileAccess
package import LaunchModel

/// A launch with everything it needs: what `moonlight export` writes, and what the trainer writes before it starts one.
package struct Launch: Sendable {
  package let plan: LaunchPlan
  package let script: ExportedFile

  /// The launch of a config.
  ///
  /// - Parameter directory: where its files will be; the run's own folder for it if `nil`.
  package static func launch(
    of config: LaunchConfig, scheduler: LaunchPlan.Scheduler, directory: String? = nil
  ) -> Exported<Launch> {
    LaunchPlan.plan(for: config, scheduler: scheduler, directory: directory ?? config.runDirectory + "/launch").map {
      Launch(plan: $0, script: LaunchScript.script(of: $0, for: config))
    }
  }

  /// Writes the files into the launch's folder, which is made where it is missing.
  package func write() throws(OutputError) {
    try OutputFile.makeFolder(plan.directory)
    // The script comes last: where it is, everything it needs is.
    for file in plan.files + [script] {
      try OutputFile.write(file.text, to: plan.directory + "/" + file.name, isExecutable: file.isExecutable)
    }
  }
}
