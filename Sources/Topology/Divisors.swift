/// All divisors of a number, ascending; none of one below 1. Takes its square root in steps.
package func divisors(of number: Int) -> [Int] {
  guard number > 0 else { return [] }
  var (small, large): ([Int], [Int]) = ([], [])
  var divisor = 1
  while divisor <= number / divisor {
    if number % divisor == 0 {
      small.append(divisor)
      if number / divisor != divisor { large.append(number / divisor) }
    }
    divisor += 1
  }
  return small + large.reversed()
}
