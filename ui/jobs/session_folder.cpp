#include "ui/jobs/session_folder.h"

#include <QDir>
#include <QStandardPaths>

namespace mgdm::ui {

SessionFolder::SessionFolder() {
  constexpr int kMostWindows = 64;
  const QString data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
  for (int window = 1; window <= kMostWindows; ++window) {
    path_ = window == 1 ? data : data + QStringLiteral("/window-%1").arg(window);
    QDir().mkpath(path_);
    lock_ = std::make_unique<QLockFile>(path_ + QStringLiteral("/session.lock"));
    lock_->setStaleLockTime(0);
    // Where no lock can be written there is nothing to share either.
    if (lock_->tryLock(0) || lock_->error() != QLockFile::LockFailedError) return;
  }
}

}  // namespace mgdm::ui
