// Where a window keeps what it reopens: a folder that no other running window has.
#pragma once
#include <QLockFile>
#include <QString>
#include <memory>

namespace mgdm::ui {

/// The first window has the program's data folder, those beside it folders of their own in there. Locked as long as it
/// lives; a lock that a killed program left counts for nothing.
class SessionFolder {
 public:
  SessionFolder();
  const QString& path() const { return path_; }

 private:
  QString path_;
  std::unique_ptr<QLockFile> lock_;
};

}  // namespace mgdm::ui
