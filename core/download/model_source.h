// Where published models can be fetched, and under which terms: data, in models/published/sources.json.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/download/download.h"
#include "core/priors/model_import.h"

namespace mgdm {

struct SourceFile {
  std::string name;                    ///< below the model's folder: "unet/config.json"
  std::vector<std::string> addresses;  ///< the publisher's first, then copies
  int64_t size = 0;                    ///< bytes; 0: not known
  std::string sha256;                  ///< empty: not published
};

struct ModelSource {
  std::string name, label;        ///< "adm-imagenet"; what people read
  std::string publisher, page;    ///< who, and where it is described
  std::string license, terms;     ///< its name, and where its words stand
  std::vector<SourceFile> files;  ///< empty: see `by_hand`
  std::string model;              ///< of the files (or of an archive's) the one that is imported; empty: the folder
  std::string by_hand;            ///< how to get it where its address asks for clicks; empty: it is fetched
  std::string part_of;            ///< no model by itself: what it is for. It is fetched, but not imported
  nlohmann::json config;          ///< what its weights do not tell, as ImportRequest's
  int64_t size() const;           ///< of all files; 0: not known
};

/// models/published/sources.json, or the file that $MGDM_SOURCES names. Throws ModelError that names what is wrong in
/// it.
const std::vector<ModelSource>& model_sources();
/// Such a list. Throws as above.
std::vector<ModelSource> read_model_sources(const std::filesystem::path& file);
/// Throws ModelError naming those that there are.
const ModelSource& find_model_source(const std::string& name);

/// Where it lies when it was fetched: `fetched/NAME` in the folder of the person's own models.
std::filesystem::path fetched_folder(const ModelSource& source);

/// Fetches what is missing, unpacks an archive (paths in it that lead out of its folder are refused), and imports the
/// model under its name; nullopt: `part_of`. Blocking. Throws DownloadError, MediaError, ModelError.
std::optional<PriorCard> fetch_model(const ModelSource& source, const ImportProgress& progress = {},
                                     std::stop_token stop = {}, const DownloadPatience& patience = {});

}  // namespace mgdm
