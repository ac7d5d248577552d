// An external program as a degradation: it reads a PNG file and writes one.
#include "core/operators/degradations/program.h"

#include <ATen/ATen.h>

#include "core/operators/black_box.h"
#include "core/operators/tasks.h"

#ifdef MGDM_CODECS
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

extern char** environ;
#endif

namespace mgdm {

#ifdef MGDM_CODECS

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A folder of its own for the files of one operator, removed with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "mgdm-program-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr)
      throw OperatorError("no temporary folder for the program's pictures can be made: " +
                          std::string(std::strerror(errno)));
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Outcome {
  bool timed_out = false;
  int status = 0;         ///< as of waitpid
  std::string complaint;  ///< the last of what it wrote to standard error
};

/// `sh -c command` with $1, $2 in a process group of its own, which is killed at the deadline.
Outcome run_shell(const std::string& command, const std::string& first, const std::string& second, double timeout) {
  std::array<int, 2> complaints{};
  if (pipe2(complaints.data(), O_CLOEXEC) != 0)
    throw OperatorError("the program cannot be started: " + std::string(std::strerror(errno)));
  fcntl(complaints[0], F_SETFL, O_NONBLOCK);  // our end only: the program's own writes may wait
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, complaints[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::string sh = "sh", c = "-c", name = "mgdm", line = command, one = first, two = second;
  std::array<char*, 7> arguments{sh.data(), c.data(), line.data(), name.data(), one.data(), two.data(), nullptr};
  pid_t child = 0;
  const int failure = posix_spawn(&child, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(complaints[1]);
  Outcome outcome;
  const auto drain = [&] {
    std::array<char, 1024> buffer{};
    ssize_t n = 0;
    while ((n = read(complaints[0], buffer.data(), buffer.size())) > 0) {
      outcome.complaint.append(buffer.data(), static_cast<size_t>(n));
      if (outcome.complaint.size() > 8192) outcome.complaint.erase(0, outcome.complaint.size() - 4096);
    }
    return n == 0;  // closed
  };
  if (failure != 0) {
    close(complaints[0]);
    throw OperatorError("the program cannot be started: " + std::string(std::strerror(failure)));
  }
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(timeout));
  bool closed = false;
  auto pause = std::chrono::milliseconds(1);
  while (waitpid(child, &outcome.status, WNOHANG) == 0) {
    if (Clock::now() > deadline) {
      outcome.timed_out = true;
      kill(-child, SIGKILL);
      waitpid(child, &outcome.status, 0);
      break;
    }
    if (closed) {
      std::this_thread::sleep_for(pause);
    } else {
      pollfd waited{complaints[0], POLLIN, 0};
      poll(&waited, 1, static_cast<int>(pause.count()));
      closed = drain();
    }
    pause = std::min(2 * pause, std::chrono::milliseconds(20));
  }
  kill(-child, SIGKILL);  // what it may have left behind
  drain();
  close(complaints[0]);
  return outcome;
}

class ExternalProgram {
 public:
  ExternalProgram(std::string command, double timeout) : command_(std::move(command)), timeout_(timeout) {
    if (command_.find_first_not_of(" \t\n") == std::string::npos)
      throw OperatorError("the program is missing: give its command line");
    if (!(timeout > 0)) throw OperatorError("the program's time-out must be above 0 seconds");
    if (command_.find("$1") == std::string::npos && command_.find("$2") == std::string::npos)
      command_ += " \"$1\" \"$2\"";
  }

  at::Tensor operator()(const at::Tensor& x) const {
    const std::string number = std::to_string(calls_++);
    const fs::path in = folder_.path() / ("in" + number + ".png"), out = folder_.path() / ("out" + number + ".png");
    const at::Tensor pixels = x.add(1).mul(127.5).round().clamp(0, 255).to(at::kByte).permute({1, 2, 0}).contiguous();
    cv::Mat bgr, decoded;
    cv::cvtColor(
        cv::Mat(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC3, pixels.data_ptr()), bgr,
        cv::COLOR_RGB2BGR);
    if (!cv::imwrite(in.string(), bgr, {cv::IMWRITE_PNG_COMPRESSION, 1}))
      throw OperatorError("the picture for the program cannot be written to " + in.string());
    const Outcome outcome = run_shell(command_, in.string(), out.string(), timeout_);
    std::error_code ignored;
    fs::remove(in, ignored);
    if (outcome.timed_out)
      throw OperatorError("the program did not finish within " + seconds() + " s and was stopped: " + command_);
    if (!WIFEXITED(outcome.status) || WEXITSTATUS(outcome.status) != 0) {
      throw OperatorError("the program failed (" +
                          (WIFEXITED(outcome.status) ? "exit code " + std::to_string(WEXITSTATUS(outcome.status))
                                                     : "signal " + std::to_string(WTERMSIG(outcome.status))) +
                          "): " + (outcome.complaint.empty() ? command_ : one_line(outcome.complaint)));
    }
    if (!fs::exists(out, ignored)) throw OperatorError("the program wrote no picture: " + command_);
    try {
      const cv::Mat written = cv::imread(out.string(), cv::IMREAD_COLOR);
      fs::remove(out, ignored);
      if (written.empty()) throw OperatorError("what the program wrote is no picture: " + command_);
      cv::cvtColor(written, decoded, cv::COLOR_BGR2RGB);
    } catch (const cv::Exception&) {
      throw OperatorError("what the program wrote is no picture: " + command_);
    }
    return at::from_blob(decoded.data, {decoded.rows, decoded.cols, 3}, at::TensorOptions().dtype(at::kByte))
        .permute({2, 0, 1})
        .to(at::kFloat)
        .div(127.5)
        .sub(1)
        .contiguous();
  }

 private:
  std::string seconds() const {
    std::string text = std::to_string(timeout_);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
  }
  static std::string one_line(std::string text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    if (text.size() > 400) text.erase(0, text.size() - 400);
    for (char& c : text) {
      if (c == '\n' || c == '\r') c = ' ';
    }
    return text;
  }

  std::string command_;
  double timeout_;
  TemporaryFolder folder_;
  mutable std::atomic<uint64_t> calls_{0};
};

}  // namespace

std::unique_ptr<Operator> make_program(std::vector<int64_t> shape, const std::string& command, double timeout) {
  if (shape.at(0) != 3) throw OperatorError("a program needs pictures with three channels");
  const auto program = std::make_shared<const ExternalProgram>(command, timeout);
  const auto size = (*program)(at::zeros(shape)).sizes().vec();  // a grey picture tells the size of what it writes
  return make_black_box(
      std::move(shape),
      [program, size](const at::Tensor& x) {
        at::Tensor y = (*program)(x);
        if (y.sizes() != at::IntArrayRef(size)) {
          throw OperatorError("the program wrote a picture of " + std::to_string(y.size(2)) + "x" +
                              std::to_string(y.size(1)) + " pixels, before " + std::to_string(size[2]) + "x" +
                              std::to_string(size[1]));
        }
        return y;
      },
      size);
}

#else

std::unique_ptr<Operator> make_program(std::vector<int64_t>, const std::string&, double) {
  throw OperatorError(no_picture_files());
}

#endif

std::vector<Task> describe_program() {
  return {{.name = "program",
           .label = "Undo any program",
           .help = "What a program of yours does to a picture, as a black box: no gradient is needed. The noise level "
                   "stands for what it does at random.",
           .rank = 210,
           .group = "Other",
           .settings = {{"command",
                         "Command",
                         "Command line for /bin/sh: $1 is the PNG file to read, $2 the one to write; added at the end "
                         "where it names neither.",
                         SettingKind::Text,
                         "",
                         0,
                         0,
                         {}},
                        real_setting("timeout", "Time-out", "Seconds after which the program is stopped.", 30.0, 0.1,
                                     3600.0)},
           .noise = 0.1,
           .adds_noise = false,
           .runs_program = true,
           .why_not = no_picture_files(),
           .make = [](const Settings& settings, const std::vector<int64_t>& shape,
                      const Given&) { return make_program(shape, settings.at("command"), settings.at("timeout")); },
           .stand_in =
               [](const std::vector<int64_t>& shape) {
                 return make_black_box(shape, [](const at::Tensor& x) { return x; });
               }}};
}

}  // namespace mgdm
