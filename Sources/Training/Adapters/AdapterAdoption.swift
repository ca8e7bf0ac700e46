extension AdapterWeights {
  /// The adapter's own settings.
  package var settings: AdapterSettings {
    var settings = AdapterSettings(dim: config.rank, alpha: config.alpha, useDora: config.useDora, targets: [])
    settings.targets = targets
    settings.useRslora = config.useRslora
    settings.initialization = config.initialization
    settings.dropout = config.dropout
    return settings
  }

  /// The settings of a run that goes on from this adapter: its own ranks, scalings, beginning, and what is trained together.
  ///
  /// - Parameters:
  ///   - run: what the run's config asks for.
  ///   - joined: whether gate and up of the routed experts are trained together; `nil` as the file has them.
  /// - Throws: ``AdapterError`` where the two do not adapt the same matrices in the same way.
  package func settings(for run: AdapterSettings, joined: Bool? = nil) throws -> AdapterSettings {
    let path = FilePath.join(folder, AdapterConfig.fileName)
    let fail = { AdapterError(file: path, message: $0) }
    guard config.rank == run.dim else {
      throw fail("the rank is \(config.rank), the run has \(run.dim) (peft.dim)")
    }
    guard config.useDora == run.useDora else {
      throw fail(
        "the adapter is \(config.useDora ? "DoRA" : "LoRA"), the run has \(run.useDora ? "dora" : "lora") "
          + "(peft.peft_scheme)")
    }
    // A config of Megatron's has whole alphas and no rsLoRA: the file says both exactly.
    let isNearest = config.alpha != config.alpha.rounded() && abs(config.alpha - run.alpha) < 1
    guard config.alpha == run.alpha || config.scaling == run.scaling || isNearest else {
      throw fail("lora_alpha is \(config.alpha), the run has \(run.alpha) (peft.alpha)")
    }
    guard config.initialization != .mica else {
      throw fail("init_lora_weights is mica, whose B is not trained; every factor is trained here")
    }
    let (mine, wanted) = (Set(targets.flatMap(\.matrices)), Set(run.matrices))
    if let stranger = mine.symmetricDifference(wanted).min() {
      throw fail(
        "\(stranger) has an adapter \(mine.contains(stranger) ? "here but not in the run" : "in the run but not here") "
          + "(peft.target_modules)")
    }
    var settings = run
    settings.targets = joined.map { targets(joined: $0) } ?? targets
    settings.alpha = config.alpha
    settings.useRslora = config.useRslora
    settings.initialization = config.initialization
    if settings.dropout > 0, let parameter = settings.targets.first(where: \.isParameter) {
      throw fail("\(parameter.module) is adapted as a parameter, where peft has no dropout (peft.dropout)")
    }
    return settings
  }
}
