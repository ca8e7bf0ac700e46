/// The version of this package, as its executables print it and as files name it.
package let toolVersion = "0.1.0"
