import Training

// Saves checkpoints without end, each the successor of the last one loaded, until it is killed. The test that starts it
// looks at what is left.

let directory = CheckpointDirectory(CommandLine.arguments.dropFirst().first ?? ".")
let lock = try directory.openForWriting()
var iteration = 0
if try directory.latestIteration() != nil {
  let (latest, folder) = try directory.existing()
  let state = try TrainerState(folder: folder)
  let values = try ModelWeights(directory: folder).file(of: "w").floats("w")
  guard state.iteration == latest, values.allSatisfy({ $0 == Float(latest) }) else {
    throw CheckpointError.malformed(path: folder, message: "the values are not those of iteration \(latest)")
  }
  iteration = latest
}
while true {
  iteration += 1
  let values = [Float](repeating: Float(iteration), count: 60_000)
  try directory.save(iteration: iteration, keeping: 2) { folder, fileSystem in
    try ModelWeights.write(
      [TensorToWrite("v", values, as: .bfloat16, shape: [60_000]), TensorToWrite("w", values, shape: [300, 200])],
      to: folder, maximumShardBytes: 200_000, fileSystem)
    try TrainerState(iteration: iteration).write(to: folder, fileSystem)
  }
}
