// What a person has set to practise with a song, kept for good: a file for each song, by what the song's file holds,
// so that it is found again under another name.
#pragma once
#include <QString>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/media/practice.h"

namespace mgdm::ui {

/// A part of a song that is practised. Frames.
struct NamedLoop {
  QString name;
  int64_t begin = 0, end = 0;
  bool operator==(const NamedLoop&) const = default;
};

struct KeptPractice {
  Practice practice;
  /// Where its beats are from: a person's correction stays, what was found in the song goes for what is found in its
  /// drums.
  enum class Beats { None, Song, Drums, Person } beats = Beats::None;
  std::vector<NamedLoop> loops;
  bool snap = true;  ///< marks go to the beats
};

/// The same for two files that hold the same. Reads the first megabyte.
QString practice_id(const QString& song);
nlohmann::json to_json(const KeptPractice& kept);
/// What this version does not know, or is out of range, is as at the beginning.
KeptPractice practice_from(const nlohmann::json& json);
/// "Loop 1", "Loop 2", ...: the first that is free.
QString next_loop_name(const std::vector<NamedLoop>& loops);

}  // namespace mgdm::ui
