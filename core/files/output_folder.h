// Where a command writes what it computes: proven before it computes, and nothing lost after.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mgdm {

/// Files of this program in a folder are those that the folder's run.json lists as "outputs".
class OutputFolder {
 public:
  /// Makes the folder where it is missing, and proves that files can be written there. Throws MediaError where they
  /// cannot, where `folder` is a file, where one of `names` is one of `inputs`, and, without `force`, where one of them
  /// is there and this program did not write it.
  OutputFolder(std::filesystem::path folder, std::vector<std::string> names,
               const std::vector<std::filesystem::path>& inputs, bool force);

  const std::filesystem::path& path() const { return folder_; }
  /// One of the names is another after all.
  void rename(const std::string& name, const std::string& other);
  /// "outputs" of the record of what is written.
  void list_in(nlohmann::json& record) const;

  /// Calls `write` with the folder. Where that fails (a disk that is full by now, a folder that is gone), calls it
  /// again with a new folder in the system's folder for temporary files, and tells `say` where that is and why. Then
  /// removes what an earlier run has left here and this one has not written anew. Throws MediaError where neither can
  /// be written.
  std::filesystem::path write(const std::function<void(const std::filesystem::path& folder)>& write,
                              const std::function<void(const std::string& sentence)>& say) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> names_, earlier_;
};

/// The same for one file. Throws MediaError where it is one of `inputs`, a folder, in a folder that is not there or
/// cannot be written, or there already without `force`.
void check_output_file(const std::filesystem::path& file, const std::vector<std::filesystem::path>& inputs, bool force);

}  // namespace mgdm
