// Times the training engine:
//   engine-benchmark [mini|tiny] [adam|muon] [steps] [threads] [fp32|bf16] [full] [fp32-products] [micro-batches=N] [packed]
// or generation: engine-benchmark [mini|tiny] generate [tokens] [threads] [fp32|bf16]
// or single matrix products of a step, ours and the BLAS': engine-benchmark products
//
// Training prints one line in the form that Tests/Reference/engine_benchmark.py reads, which runs it alternately with
// PyTorch. Whole programs that generate are compared by Tests/Benchmarks/generation.py.

import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

func seconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Two decimals, without Foundation.
func decimal(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// The most memory the process ever held. Not from `getrusage` on Linux, where a program starts with the peak of the
/// process it was forked from.
func peakMebibytes() -> Double {
  #if canImport(Glibc)
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      if strncmp(line, "VmHWM:", 6) == 0 { return Double(atol(Array(line.dropFirst(6)))) / 1024 }
    }
    return 0
  #else
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return Double(usage.ru_maxrss) / 1_048_576
  #endif
}

let arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "products" {
  timeProducts()
  exit(0)
}
let shapeName = arguments.count > 1 ? arguments[1] : "mini"
let optimizerName = arguments.count > 2 ? arguments[2] : "adam"
let steps = arguments.count > 3 ? Int(arguments[3]) ?? 10 : 10
let threads = arguments.count > 4 ? Int(arguments[4]) ?? 2 : 2
let precision = arguments.contains("bf16") ? StoragePrecision.bf16 : .fp32
let products =
  precision.weights == .bf16 && !arguments.contains("fp32-products") ? ProductPrecision.bf16 : .fp32
/// Of Muon's iteration: bf16 by default, as in Megatron, whatever the model multiplies.
let muonProducts = arguments.contains("fp32-products") ? ProductPrecision.fp32 : .bf16
/// Of a step.
let microBatches = arguments.compactMap { $0.hasPrefix("micro-batches=") ? Int($0.dropFirst(14)) : nil }.first ?? 1
let recompute = arguments.contains("full") ? RecomputePolicy(.full(layers: nil)) : .none

let isMini = shapeName == "mini"
let shape = ModelShape(
  vocabSize: isMini ? 4096 : 1024, hiddenSize: isMini ? 256 : 128, intermediateSize: isMini ? 1408 : 512,
  moeIntermediateSize: isMini ? 176 : 64, numHiddenLayers: isMini ? 6 : 4, numAttentionHeads: 4, nSharedExperts: 2,
  nRoutedExperts: isMini ? 32 : 8, numExpertsPerTok: isMini ? 6 : 2, routedScalingFactor: 2.446,
  firstKDenseReplace: 1, kvLoraRank: isMini ? 128 : 64, qkNopeHeadDim: isMini ? 64 : 32,
  qkRopeHeadDim: isMini ? 32 : 16, vHeadDim: isMini ? 64 : 32, ropeTheta: 50000, maxPositionEmbeddings: 8192,
  rmsNormEps: 1e-5)
let capacity = isMini ? BatchCapacity(sequences: 4, length: 256) : BatchCapacity(sequences: 2, length: 64)
let algorithm: OptimizerSettings.Algorithm =
  optimizerName == "muon" ? .muon(MuonSettings(products: muonProducts), AdamSettings()) : .adam(AdamSettings())

/// Tokens one by one behind a prompt of 32, on weights that are held once.
func timeGeneration() throws {
  let pool = try WorkerPool(threads: threads)
  let held = try ParameterStore(
    layout: ParameterLayout(shape: shape), precision: precision, isFrozen: true, pool: pool)
  var stream = RandomStream(seed: 1)
  for tensor in held.layout.tensors {
    let values = (0..<tensor.count).map { _ in
      tensor.kind == .vector ? Float(1) : tensor.kind == .buffer ? 0 : Float(stream.normalPair().0 * 0.02)
    }
    try values.withUnsafeBufferPointer { try held.write(tensor.name, $0) }
  }
  let generator = try Generator(parameters: held, maxLength: steps + 64, pool: pool)
  let prompt = (0..<32).map { Int32($0) }
  _ = try generator.generate(prompt, count: 3, sampling: SamplingSettings())
  var (count, passed, processor) = (0, 0.0, 0.0)
  var (start, processorStart) = (0.0, 0.0)
  _ = try generator.generate(prompt, count: steps, sampling: SamplingSettings()) { _ in
    if count == 0 { (start, processorStart) = (seconds(), seconds(CLOCK_PROCESS_CPUTIME_ID)) }
    (passed, processor) = (seconds() - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - processorStart)
    count += 1
    return true
  }
  let tokens = Double(count - 1)
  print(
    "swift \(shapeName) generate threads \(threads): \(decimal(tokens / passed)) tokens/s,"
      + " processor \(decimal(processor / tokens * 1e3)) ms a token, \(count) tokens, peak \(Int(peakMebibytes())) MiB")
}

if optimizerName == "generate" {
  try timeGeneration()
  exit(0)
}
let engine = try TrainingEngine(
  EngineSettings(
    shape: shape, capacity: capacity, optimizer: OptimizerSettings(algorithm), precision: precision,
    products: products, packsWeights: arguments.contains("packed"), recompute: recompute, threads: threads))
engine.initialize(InitializationSettings(seed: 1))

func batch(_ index: Int) -> TokenBatch {
  var stream = RandomStream(seed: 7, name: "\(index)")
  let tokens = (0..<capacity.tokens + 1).map { _ in Int32(stream.next() >> 40) % Int32(shape.vocabSize) }
  return TokenBatch(
    sequences: capacity.sequences, length: capacity.length, tokens: Array(tokens.dropLast()),
    targets: Array(tokens.dropFirst()))
}
let batches = (0..<4).map(batch)

func batches(ofStep step: Int) -> [TokenBatch] { (0..<microBatches).map { batches[(step + $0) % 4] } }

var loss: Float = 0
for step in 0..<2 { loss = try engine.step(batches(ofStep: step), learningRate: 1e-4, weightDecay: 0.1).loss }
var times: [Double] = []
var processorTimes: [Double] = []
for step in 0..<steps {
  let (start, processorStart) = (seconds(), seconds(CLOCK_PROCESS_CPUTIME_ID))
  loss = try engine.step(batches(ofStep: step), learningRate: 1e-4, weightDecay: 0.1).loss
  times.append(seconds() - start)
  processorTimes.append(seconds(CLOCK_PROCESS_CPUTIME_ID) - processorStart)
}
times.sort()
let peakMemory = peakMebibytes()
let planned = Double(try MemoryPlan(engine.settings).total) / 1_048_576
let median = times[times.count / 2]
let peak = engine.measurePeak()
let tokens = capacity.tokens * microBatches
let rate = Double(engine.floatingPointOperations(tokens: tokens, length: capacity.length)) / median
print(
  "swift \(shapeName) \(optimizerName) threads \(threads): median \(decimal(median * 1000)) ms, best"
    + " \(decimal(times[0] * 1000)) ms, processor \(decimal((processorTimes.min() ?? 0) * 1000)) ms, \(Int(Double(tokens) / median)) tokens/s,"
    + " \(decimal(rate * 1e-9)) of \(decimal(peak * 1e-9)) GFLOP/s (\(Int(100 * rate / peak)) %), loss \(loss),"
    + " peak \(Int(peakMemory)) MiB of \(Int(planned)) planned")
