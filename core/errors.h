// Every error that the program says to a person: one sentence that names what is wrong. The kind decides the command
// line's exit code (app/command_line/exit_codes.h) and what the studio offers.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace mgdm {

enum class ErrorKind {
  Usage,      ///< what was asked for cannot be: an unknown key, a value out of range
  Input,      ///< a file or signal of the user's that cannot be read, written or used
  Model,      ///< a model that is missing, broken, or does not fit
  Numerical,  ///< not a number where there should be one
  Memory,     ///< more was asked for than there is
  Device      ///< a GPU that fails or is not there
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& sentence) : std::runtime_error(sentence), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// An unknown key, a wrong type or a value out of range; names all three.
struct SettingError : Error {
  explicit SettingError(const std::string& sentence) : Error(ErrorKind::Usage, sentence) {}
};

/// A signal that a degradation cannot take, or a mask that does not fit.
struct OperatorError : Error {
  explicit OperatorError(const std::string& sentence) : Error(ErrorKind::Input, sentence) {}
};

/// A photo, picture, sound or text file that cannot be read or written; names the file.
struct MediaError : Error {
  explicit MediaError(const std::string& sentence) : Error(ErrorKind::Input, sentence) {}
};

/// A tensor file that is broken or does not hold what it should; names the file.
struct CheckpointError : Error {
  explicit CheckpointError(const std::string& sentence) : Error(ErrorKind::Input, sentence) {}
};

/// A file that is a program (TorchScript) where only weights can be read.
struct ProgramError : CheckpointError {
  explicit ProgramError(const std::string& sentence) : CheckpointError(sentence) {}
};

/// A problem with a known posterior that is described wrongly; names the file.
struct ToyError : Error {
  explicit ToyError(const std::string& sentence) : Error(ErrorKind::Input, sentence) {}
};

/// A model that is missing, broken, or does not fit; names the file.
struct ModelError : Error {
  explicit ModelError(const std::string& sentence) : Error(ErrorKind::Model, sentence) {}
};

/// A setting of a model that neither its weights nor a configuration tells: which, and what it means.
struct MissingSetting : ModelError {
  MissingSetting(const std::string& sentence, std::string k, std::string q)
      : ModelError(sentence), key(std::move(k)), question(std::move(q)) {}
  std::string key, question;
};

/// A model that is a program, and nobody has said that they trust it: it was not loaded.
struct UntrustedProgram : ModelError {
  explicit UntrustedProgram(const std::string& sentence) : ModelError(sentence) {}
};

/// A NaN; says at which step.
struct NumericalError : Error {
  explicit NumericalError(const std::string& sentence) : Error(ErrorKind::Numerical, sentence) {}
};

}  // namespace mgdm
