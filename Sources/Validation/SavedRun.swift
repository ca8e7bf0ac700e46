package import LaunchModel

/// The run that wrote the checkpoint which a config loads.
package struct SavedRun: Sendable {
  /// What wrote it, which decides what it can be loaded into.
  package enum Writer: Sendable {
    /// Shards of Megatron's, with what says how they were made.
    case megatron
    /// Whole tensors of the CPU engine, whatever the layout.
    case cpuEngine
  }

  /// Its config, as the checkpoint holds it.
  package let config: LaunchConfig
  package let writer: Writer
  /// The field that names the checkpoint.
  package let path: FieldPath
  /// Whether the release of the run that loads it has all classes and fields of that config.
  package let fitsRelease: Bool
  /// `nil` where nobody has counted.
  package var passes: DataPasses?

  package init(_ config: LaunchConfig, by writer: Writer = .megatron, at path: FieldPath, fitsRelease: Bool) {
    (self.config, self.writer, self.path, self.fitsRelease) = (config, writer, path, fitsRelease)
  }
}

/// How often a run goes through its indexed data, where they lie on this machine.
package struct DataPasses: Hashable, Sendable {
  /// Of the whole run.
  package let samples: Int
  /// Of the source that it goes through most often.
  package let epochs: Double

  package init(samples: Int, epochs: Double) {
    (self.samples, self.epochs) = (samples, epochs)
  }
}

extension RunFacts {
  /// The run whose weights are loaded. Where this process is to train, the CPU engine loads its own checkpoints alone, and
  /// looks at the weights that it starts from itself (``StartFacts``).
  var loaded: SavedRun? {
    guard let saved else { return nil }
    let isTrainedHere = start != nil
    return !isTrainedHere || saved.writer == .cpuEngine && saved.path == Path.checkpoint.load ? saved : nil
  }

  /// The run whose optimizer states and counters are loaded, and not its weights alone.
  package var resumed: SavedRun? {
    guard let loaded, loaded.path == Path.checkpoint.load, !config.checkpoint.finetune else { return nil }
    return loaded
  }
}
