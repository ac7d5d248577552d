#include "app/command_line/slurm.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>

#include "core/errors.h"
#include "core/files/atomic_file.h"

extern char** environ;

namespace mgdm::app {

namespace {

namespace fs = std::filesystem;

// For a shell: the word as it is.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("_-./=,:+@%", c) != nullptr;
  });
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// For sbatch's own reading of #SBATCH lines, where % begins a pattern.
std::string quoted_pattern(const std::string& path) {
  std::string text = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
    if (c == '%') text += c;
  }
  return text;
}

void check_one_line(const std::string& text, const std::string& what) {
  if (text.find_first_of("\n\r") != std::string::npos) {
    throw SettingError(what + ": a line break in it cannot stand in a job script");
  }
}

struct Outcome {
  int code = 0;
  std::string out, error;  ///< standard output and standard error
};

std::string read_all(int handle) {
  std::string text;
  std::array<char, 4096> some{};
  for (;;) {
    const ssize_t count = ::read(handle, some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(some.data(), static_cast<size_t>(count));
  }
}

// nullopt: there is no such program in PATH. What it says on standard error may not be longer than a pipe holds (64
// KB), which messages of Slurm's are not.
std::optional<Outcome> run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int out[2], error[2];
  if (::pipe(out) != 0) throw SettingError(std::string("no pipe: ") + std::strerror(errno));
  if (::pipe(error) != 0) {
    ::close(out[0]);
    ::close(out[1]);
    throw SettingError(std::string("no pipe: ") + std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, error[1], 2);
  for (const int handle : {out[0], out[1], error[0], error[1]}) posix_spawn_file_actions_addclose(&actions, handle);
  pid_t process = 0;
  const int failed = posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  ::close(error[1]);
  Outcome outcome;
  if (failed == 0) {
    outcome.out = read_all(out[0]);
    outcome.error = read_all(error[0]);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }
  ::close(out[0]);
  ::close(error[0]);
  if (failed != 0) return std::nullopt;
  return outcome;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Ids of an array are below it.
int64_t most_tasks() {
  constexpr int64_t kDefault = 1000;  // MaxArraySize is 1001 where nobody has set it
  const auto config = run({"scontrol", "show", "config"});
  if (!config || config->code != 0) return kDefault;
  std::istringstream lines(config->out);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("MaxArraySize", 0) != 0) continue;
    const auto equals = line.find('=');
    if (equals == std::string::npos) break;
    const int64_t size = std::atoll(line.c_str() + equals + 1);
    if (size < 2) throw SettingError("this Slurm allows no job arrays (MaxArraySize is " + std::to_string(size) + ")");
    return size - 1;
  }
  return kDefault;
}

std::string command_words(const SlurmJob& job) {
  std::string words =
      quoted(job.program.string()) + " compare " + quoted(job.spec.string()) + " --out " + quoted(job.out.string());
  for (const auto& argument : job.arguments) words += " " + quoted(argument);
  return words;
}

constexpr const char* kBody = R"(
set -u
shard=$((${1:-0} + SLURM_ARRAY_TASK_ID))
echo "$(date '+%F %T') $(hostname): shard $shard, start ${SLURM_RESTART_COUNT:-0}"

# In the background: a shell looks at signals only between commands, and at `wait`.
@COMMAND --shard "$shard/@SHARDS" &
program=$!

signals=0 time_is_over=
# Slurm sends TERM to the program as well, which would take a second one as "at once". So this is only waited for, and
# who cancels a job has it cancelled.
trap 'signals=$((signals + 1))' TERM
trap 'signals=$((signals + 1)); time_is_over=yes; kill -TERM "$program" 2>/dev/null' USR1
while :; do
  seen=$signals code=0
  wait "$program" || code=$?
  [ "$signals" -eq "$seen" ] && break  # it is the program that has ended, and not `wait` by a signal
done

again=
[ "$code" -eq 130 ] && [ -n "$time_is_over" ] && again=yes
# Killed, by the machine's memory for example.
[ "$code" -gt 128 ] && [ "$code" -ne 130 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 3 ] && again=yes
if [ -n "$again" ]; then
  echo "$(date '+%F %T') ended with $code: back into the queue"
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60  # it is ended meanwhile
fi
exit "$code"
)";

void replace(std::string& text, const std::string& from, const std::string& to) {
  if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

std::string slurm_script(const SlurmJob& job, int64_t tasks) {
  check_one_line(job.program.string(), "program");
  check_one_line(job.spec.string(), "spec");
  check_one_line(job.out.string(), "--out");
  std::string text =
      "#!/usr/bin/env bash\n"
      "# Made by mgdm compare --submit slurm. Cells that are there are not computed again, so that the same may be\n"
      "# submitted again at any time. By hand: sbatch submit.sh; beyond the first " +
      std::to_string(tasks) + " shards: sbatch --array=1-M submit.sh " + std::to_string(tasks) +
      "\n"
      "#SBATCH --job-name=mgdm-compare\n"
      "#SBATCH --array=1-" +
      std::to_string(tasks) +
      "\n"
      "#SBATCH --requeue\n"
      "#SBATCH --signal=B:USR1@120\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --output=" +
      quoted_pattern((job.out / "logs").string()) + "/%A_%a.log\"\n";
  for (const auto& option : job.options) {
    check_one_line(option, "--sbatch");
    if (option.empty() || option[0] != '-') {
      throw SettingError("--sbatch: '" + option + "' is no option of sbatch; they begin with -, as --time=2:00:00");
    }
    text += "#SBATCH " + option + "\n";
  }
  std::string body = kBody;
  std::string command = command_words(job);
  const auto& given = job.arguments;
  if (std::find(given.begin(), given.end(), "--threads") == given.end()) {
    // Of the task's own: where Slurm does not bind tasks to cores, each would take all of the node.
    command += " --threads \"${SLURM_CPUS_ON_NODE:-0}\"";
  }
  replace(body, "@COMMAND", command);
  replace(body, "@SHARDS", std::to_string(job.shards));
  return text + body;
}

std::vector<std::string> submit_to_slurm(const SlurmJob& job) {
  const std::string shards = std::to_string(job.shards);
  if (const auto there = run({"sbatch", "--version"}); !there) {
    throw SettingError("there is no sbatch here; the same without Slurm: parallel " + command_words(job) +
                       " --shard {}/" + shards + " ::: $(seq " + shards + ")");
  }
  const int64_t most = std::min(most_tasks(), job.shards);
  const std::string text = slurm_script(job, most);
  std::error_code error;
  fs::create_directories(job.out / "logs", error);
  if (error) throw MediaError((job.out / "logs").string() + ": cannot be made: " + error.message());
  const fs::path script = job.out / "submit.sh";
  write_file_bytes(script, text);
  fs::permissions(script, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add,
                  error);
  std::vector<std::string> ids;
  for (int64_t first = 0; first < job.shards; first += most) {
    const std::string array = "--array=1-" + std::to_string(std::min(most, job.shards - first));
    const auto said = run({"sbatch", "--parsable", array, script.string(), std::to_string(first)});
    if (!said || said->code != 0) {
      std::string sentence = "sbatch: " + (said ? first_line(said->error) : std::string("cannot be started"));
      for (const auto& id : ids) sentence += (&id == &ids.front() ? "; submitted before that: " : ", ") + id;
      throw SettingError(sentence);
    }
    const std::string line = first_line(said->out);
    ids.push_back(line.substr(0, line.find(';')));  // "17;cluster" where there are several
  }
  return ids;
}

}  // namespace mgdm::app
