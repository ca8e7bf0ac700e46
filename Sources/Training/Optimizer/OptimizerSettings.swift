/// What updates the parameters. Learning rate and weight decay come from the schedule, step by step.
package struct OptimizerSettings: Sendable, Equatable {
  package enum Algorithm: Sendable, Equatable {
    case adam(AdamSettings)
    /// Muon on the matrices, the given AdamW on embedding, head and vectors.
    case muon(MuonSettings, AdamSettings)
    /// torch's SGD (weight decay added to the gradient), which is what Megatron uses.
    case sgd(momentum: Float)
  }

  package var algorithm: Algorithm
  /// Largest global norm of the gradients (Megatron: `clip_grad`); 0 does not clip.
  package var clipGrad: Float

  package init(_ algorithm: Algorithm, clipGrad: Float = 1) {
    self.algorithm = algorithm
    self.clipGrad = clipGrad
  }

  /// Of Muon's iteration, where there is one.
  package var muonProducts: ProductPrecision? {
    if case .muon(let muon, _) = algorithm { muon.products } else { nil }
  }
}

/// Megatron's `adam_beta1`, `adam_beta2`, `adam_eps`.
package struct AdamSettings: Sendable, Equatable {
  package var beta1: Float
  package var beta2: Float
  package var eps: Float

  package init(beta1: Float = 0.9, beta2: Float = 0.95, eps: Float = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
  }
}

/// Megatron's `muon_*` fields, with the paper's values as defaults ("Muon is Scalable for LLM Training", section 2).
package struct MuonSettings: Sendable, Equatable {
  /// Newton-Schulz coefficients (Emerging-Optimizers' names).
  package enum Coefficients: String, Sendable {
    /// The paper's triple in every step.
    case simple
    /// A triple of its own for each of five steps.
    case quintic

    /// The triple of step `index`.
    func triple(_ index: Int) -> (a: Float, b: Float, c: Float) {
      switch self {
      case .simple: (3.4445, -4.7750, 2.0315)
      case .quintic:
        switch index % 5 {
        case 0: (4.0848, -6.8946, 2.9270)
        case 1: (3.9505, -6.3029, 2.6377)
        case 2: (3.7418, -5.5913, 2.3037)
        case 3: (2.8769, -3.1427, 1.2046)
        default: (2.8366, -3.0525, 1.2012)
        }
      }
    }
  }

  /// What an orthogonalised update of a `[rows, columns]` matrix is multiplied with, before `extraScaleFactor`.
  package enum ScaleMode: String, Sendable {
    /// sqrt(max(rows, columns)): the paper's
    case spectral
    /// sqrt(rows / columns)
    case unitRMSNorm = "unit_rms_norm"
    /// sqrt(max(1, rows / columns))
    case shapeScaling = "shape_scaling"
  }

  package var momentum: Float
  package var useNesterov: Bool
  package var numNSSteps: Int
  package var coefficients: Coefficients
  package var scaleMode: ScaleMode
  package var extraScaleFactor: Float
  /// In what the iteration computes: in bf16 what goes into a product of it and what comes out are rounded.
  package var products: ProductPrecision

  package init(
    momentum: Float = 0.95, useNesterov: Bool = true, numNSSteps: Int = 5, coefficients: Coefficients = .simple,
    scaleMode: ScaleMode = .spectral, extraScaleFactor: Float = 0.2, products: ProductPrecision = .fp32
  ) {
    self.momentum = momentum
    self.useNesterov = useNesterov
    self.numNSSteps = numNSSteps
    self.coefficients = coefficients
    self.scaleMode = scaleMode
    self.extraScaleFactor = extraScaleFactor
    self.products = products
  }

  func scale(rows: Int, columns: Int) -> Float {
    let factor: Float =
      switch scaleMode {
      case .spectral: Float(max(rows, columns)).squareRoot()
      case .unitRMSNorm: (Float(rows) / Float(columns)).squareRoot()
      case .shapeScaling: max(1, Float(rows) / Float(columns)).squareRoot()
      }
    return factor * extraScaleFactor
  }
}
