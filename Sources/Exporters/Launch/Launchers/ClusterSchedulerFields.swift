package import LaunchModel

/// What of `cluster` asks a scheduler for nodes, rather than saying which there are.
package enum ClusterSchedulerFields {
  package static let all: Set<FieldPath> = [
    Path.cluster.account, Path.cluster.partition, Path.cluster.qos, Path.cluster.timeLimit, Path.cluster.gpuRequest,
    Path.cluster.gpuType, Path.cluster.cpusPerTask, Path.cluster.exclusive, Path.cluster.sbatchOptions,
    Path.cluster.requeue, Path.cluster.requeueNoticeSeconds,
  ]
}

extension Launcher {
  /// Notes what is set and reaches nobody.
  func noteUnheardFields(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    let storage = config.cluster.storage
    for field in storage.schema.fields {
      let path = FieldPath(storage.schema.name, field.name)
      guard ClusterSchedulerFields.all.contains(path), !heardFields.contains(path),
        storage.value(of: field) != storage.defaultValue(of: field)
      else { continue }
      remarks.notExported(path, "\(name) has no use for it")
    }
  }
}
