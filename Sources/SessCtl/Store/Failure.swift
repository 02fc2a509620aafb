import ArgumentParser
import ConfigurationKeys
import HiredisClient
import Modeler
import Sess

/// An error of the tool's own.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Writes an error that ends a command to the standard error, and turns it into the exit code 2.
    static func told<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.note("error: \(error)")
            throw ExitCode(2)
        }
    }
}
