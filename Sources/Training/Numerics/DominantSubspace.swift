internal import CBLAS

/// The part of a matrix that its largest singular values make up.
enum DominantSubspace {
  /// Takes the best approximation of some rank from a matrix: `W -= Σ σ_i u_i v_iᵀ` over its `rank` largest singular values,
  /// in double precision.
  ///
  /// The vectors are the eigenvectors of the smaller of `W Wᵀ` and `Wᵀ W`. Where the `rank`-th and the next singular value
  /// are the same number no such approximation is the only one.
  ///
  /// - Parameters:
  ///   - values: `[rows, columns]`, row-major.
  ///   - rank: at most the smaller of the two.
  /// - Returns: false where the eigenvectors were not found, with the matrix as it was.
  static func remove(rank: Int, from values: UnsafeMutablePointer<Float>, rows: Int, columns: Int) -> Bool {
    let isWide = columns > rows
    let order = min(rows, columns)
    let matrix = (0..<rows * columns).map { Double(values[$0]) }
    guard let vectors = leadingVectors(rank, of: gram(matrix, rows, columns, isWide: isWide), order: order) else {
      return false
    }
    // Wide: W -= U (Uᵀ W); else W -= (W V) Vᵀ. The vectors lie one behind the other.
    var projected = [Double](repeating: 0, count: rank * max(rows, columns))
    var part = [Double](repeating: 0, count: rows * columns)
    let (m, n, k) = (Int32(rows), Int32(columns), Int32(rank))
    if isWide {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, k, n, m, 1, vectors, m, matrix, n, 0, &projected, n)
      cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, 1, vectors, m, projected, n, 0, &part, n)
    } else {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, k, n, 1, matrix, n, vectors, n, 0, &projected, k)
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, projected, k, vectors, n, 0, &part, n)
    }
    for index in part.indices { values[index] = Float(matrix[index] - part[index]) }
    return true
  }

  private static func gram(_ matrix: [Double], _ rows: Int, _ columns: Int, isWide: Bool) -> [Double] {
    let order = min(rows, columns)
    var gram = [Double](repeating: 0, count: order * order)
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, isWide ? CblasNoTrans : CblasTrans, Int32(order), Int32(max(rows, columns)), 1, matrix,
      Int32(columns), 0, &gram, Int32(order))
    return gram
  }

  /// Eigenvectors of the largest eigenvalues, ascending, one behind the other.
  private static func leadingVectors(_ count: Int, of gram: [Double], order: Int) -> [Double]? {
    var gram = gram
    var values = [Double](repeating: 0, count: order)
    var vectors = [Double](repeating: 0, count: order * count)
    var support = [Int32](repeating: 0, count: 2 * order)
    var work = [0.0]
    var integers: [Int32] = [0]
    var found: Int32 = 0
    var status: Int32 = 0
    // What lies in rows is Fortran's transpose: our upper triangle is its lower one.
    func solve(_ workCount: Int32, _ integerCount: Int32) {
      var (order, first, last) = (Int32(order), Int32(order - count + 1), Int32(order))
      var (low, high, tolerance) = (0.0, 0.0, 0.0)
      var (workCount, integerCount) = (workCount, integerCount)
      dsyevr_(
        "V", "I", "L", &order, &gram, &order, &low, &high, &first, &last, &tolerance, &found, &values, &vectors, &order,
        &support, &work, &workCount, &integers, &integerCount, &status)
    }
    solve(-1, -1)
    guard status == 0 else { return nil }
    let (workCount, integerCount) = (Int(work[0]), Int(integers[0]))
    work = [Double](repeating: 0, count: workCount)
    integers = [Int32](repeating: 0, count: integerCount)
    solve(Int32(workCount), Int32(integerCount))
    return status == 0 && found == count ? vectors : nil
  }
}
