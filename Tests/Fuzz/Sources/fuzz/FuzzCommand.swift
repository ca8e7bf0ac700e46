import FuzzEntries

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the command line asks for, and its loop.
struct FuzzCommand {
  private var entries: [FuzzEntry] = []
  private var seed: UInt64 = 1
  private var first: UInt64 = 0
  private var count: UInt64 = 100_000
  private var seconds = Double.infinity
  private var log: String?
  private var shows = false

  /// A process beyond this has lost its bounds.
  private static let memoryLimit = 1 << 30
  private static let reportEvery: UInt64 = 10_000

  struct UsageError: Error, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(of flag: String) throws -> String {
      guard let value = rest.popFirst() else { throw UsageError(description: "\(flag) takes a value") }
      return value
    }
    func number<Number: LosslessStringConvertible>(of flag: String) throws -> Number {
      let text = try value(of: flag)
      guard let number = Number(text) else { throw UsageError(description: "\(flag) takes a number, not \(text)") }
      return number
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--seed": seed = try number(of: argument)
      case "--from": first = try number(of: argument)
      case "--count": count = try number(of: argument)
      case "--seconds": seconds = try number(of: argument)
      case "--log": log = try value(of: argument)
      case "--show": shows = true
      case "all": entries = FuzzEntry.all
      default:
        guard let entry = FuzzEntry.all.first(where: { $0.name == argument }) else {
          let names = FuzzEntry.all.map(\.name).joined(separator: ", ")
          throw UsageError(description: "there is no entry \(argument); entries: all, \(names)")
        }
        entries.append(entry)
      }
    }
    guard !entries.isEmpty else { throw UsageError(description: "name an entry, or `all`") }
  }

  func run() throws {
    let journal = try Journal(log)
    var failures = 0
    for entry in entries { failures += run(entry, journal) }
    FuzzEntry.removeFiles()
    exit(failures == 0 ? 0 : 1)
  }

  private func run(_ entry: FuzzEntry, _ journal: Journal) -> Int {
    let began = monotonicSeconds()
    var failures = 0
    var number = first
    while number - first < count, monotonicSeconds() - began < seconds {
      Watch.begin(entry.name, seed: seed, number: number)
      if shows {
        let input = entry.input(seed: seed, number: number)
        writeLine(String(decoding: input, as: UTF8.self), to: STDOUT_FILENO)
      }
      do { try entry.execute(seed: seed, number: number) } catch {
        failures += 1
        journal.note("\(entry.name) seed \(seed) number \(number): \(error)")
      }
      number += 1
      if (number - first) % Self.reportEvery == 0 {
        journal.note(progress(entry, number, monotonicSeconds() - began))
        let memory = peakMemory()
        if memory > Self.memoryLimit {
          failures += 1
          journal.note("\(entry.name) seed \(seed) number \(number): \(memory >> 20) MiB of memory")
        }
      }
    }
    Watch.end()
    journal.note("done: " + progress(entry, number, monotonicSeconds() - began) + ", \(failures) failures")
    return failures
  }

  private func progress(_ entry: FuzzEntry, _ next: UInt64, _ time: Double) -> String {
    let done = next - first
    return
      "\(entry.name) seed \(seed) next \(next): \(done) executions, \(Int(Double(done) / max(time, 1e-9))) a second, "
      + "\(peakMemory() >> 20) MiB"
  }
}

/// Lines of progress and of what was found, in a file and on standard error.
struct Journal {
  private let descriptor: Int32?

  init(_ path: String?) throws {
    descriptor = try path.map {
      let descriptor = open($0, O_WRONLY | O_CREAT | O_APPEND, 0o666)
      guard descriptor >= 0 else { throw FuzzCommand.UsageError(description: "\($0) cannot be written") }
      Watch.descriptor = descriptor
      return descriptor
    }
  }

  func note(_ line: String) {
    writeLine(line, to: STDERR_FILENO)
    if let descriptor { writeLine(line, to: descriptor) }
  }
}

func writeLine(_ text: String, to descriptor: Int32) {
  let bytes = Array((text + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}

func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Bytes of memory that this process has had at most.
private func peakMemory() -> Int {
  var usage = rusage()
  #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) << 10
  #else
    getrusage(RUSAGE_SELF, &usage)
    return Int(usage.ru_maxrss)
  #endif
}
