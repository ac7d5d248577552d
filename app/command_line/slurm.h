// `--submit slurm`: the shards of a comparison as a job array. Slurm does the scheduling; here is only the script.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mgdm::app {

struct SlurmJob {
  std::filesystem::path program;       ///< this one, `mgdm`
  std::filesystem::path spec, out;     ///< seen from every node
  int64_t shards = 1;                  ///< at least 1
  std::vector<std::string> arguments;  ///< of `mgdm compare` beside these: "--device", "cuda"
  std::vector<std::string> options;    ///< lines of the script as they are: "--time=2:00:00", "--gres=gpu:1"
};

/// The script: an array of `tasks` tasks, each one shard. Its first argument is how many shards come before; 0 without
/// one. USR1, which Slurm sends two minutes before the time is over, stops the program in order, and the task goes back
/// into the queue; so it does up to three times where the program was killed. Throws SettingError for an option that is
/// none, and for a path that no script can name (one with a line break).
std::string slurm_script(const SlurmJob& job, int64_t tasks);

/// Writes OUT/submit.sh, makes OUT/logs, and submits as many arrays as MaxArraySize needs. Gives their ids. Throws
/// SettingError with what sbatch said; where there is no sbatch with the line for GNU parallel that does the same, and
/// nothing is written. Throws MediaError where OUT cannot be written.
std::vector<std::string> submit_to_slurm(const SlurmJob& job);

}  // namespace mgdm::app
