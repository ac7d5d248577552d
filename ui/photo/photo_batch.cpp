#include "ui/photo/photo_batch.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QSet>
#include <algorithm>

namespace mgdm::ui {

namespace {

/// NAME.suffix, or NAME_2.suffix... where that is there already.
QString free_name(const QString& folder, const QString& name, const QString& suffix) {
  QString file = QDir(folder).filePath(name + '.' + suffix);
  for (int k = 2; QFile::exists(file); ++k)
    file = QDir(folder).filePath(QStringLiteral("%1_%2.%3").arg(name).arg(k).arg(suffix));
  return file;
}

QString quoted(const QString& words) { return '"' + QString(words).replace('"', QStringLiteral("\"\"")) + '"'; }

}  // namespace

void PhotoBatch::start(const QStringList& photos, const QString& folder) {
  rows_.clear();
  for (const QString& photo : photos) rows_.emplace_back().photo = photo;
  folder_ = folder;
  list_ = free_name(folder, QStringLiteral("batch"), QStringLiteral("csv"));
  stopping_ = false;
  why_.clear();
  at_ = -1;
  next();
}

void PhotoBatch::next() {
  writeList();
  if (++at_ >= count() || stopping_) {
    end();
  } else {
    Q_EMIT openWanted(row().photo);
  }
}

void PhotoBatch::end() {
  at_ = -1;
  for (Row& row : rows_) {
    if (row.state.isEmpty()) row.state = QStringLiteral("not begun");
  }
  writeList();
  const auto done = std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return !row.result.isEmpty(); });
  const auto failed = std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.state == "failed"; });
  Q_EMIT ended(static_cast<int>(done), static_cast<int>(failed));
}

void PhotoBatch::opened() {
  if (on()) Q_EMIT runWanted();
}

void PhotoBatch::ran(const RunOutcome& outcome) {
  if (!on()) return;
  row().seconds = outcome.seconds;
  row().seed = outcome.seed;
  row().residual = outcome.samples.front().residual;
  row().state = outcome.stopped ? QStringLiteral("stopped") : QStringLiteral("done");
  if (outcome.stopped) stopping_ = true;  // the person has ended it
  wantSave();
}

void PhotoBatch::wantSave() {
  const QFileInfo photo(row().photo);
  const QString suffix = photo.suffix().toLower();
  static const QSet<QString> written{QStringLiteral("png"), QStringLiteral("jpg"),  QStringLiteral("jpeg"),
                                     QStringLiteral("tif"), QStringLiteral("tiff"), QStringLiteral("webp")};
  row().result = free_name(folder_, photo.completeBaseName() + QStringLiteral("_restored"),
                           written.contains(suffix) ? suffix : QStringLiteral("png"));
  Q_EMIT saveWanted(row().result);
}

void PhotoBatch::saved(const QString& file) {
  if (!on()) return;
  row().result = file;
  why_.clear();
  next();
}

void PhotoBatch::notSaved(const QString& why) {
  if (on()) why_ = why;
}

void PhotoBatch::goOnIn(const QString& folder) {
  if (!waiting()) return;
  why_.clear();
  folder_ = folder;
  if (!writeList()) list_ = free_name(folder, QStringLiteral("batch"), QStringLiteral("csv"));
  wantSave();
}

void PhotoBatch::stop() {
  stopping_ = true;
  if (!waiting()) return;
  row().state = QStringLiteral("not saved");
  row().words = why_;
  row().result.clear();
  why_.clear();
  next();
}

void PhotoBatch::failed(const QString& why) {
  if (!on()) return;
  row().state = QStringLiteral("failed");
  row().words = why;
  row().result.clear();
  next();
}

void PhotoBatch::discarded() {
  if (!on()) return;
  row().state = QStringLiteral("discarded");
  stopping_ = true;
  next();
}

bool PhotoBatch::writeList() const {
  QByteArray lines = "photo,result,state,seconds,residual,seed,what went wrong\n";
  for (const Row& row : rows_) {
    const QStringList cells{
        quoted(row.photo),
        quoted(QFileInfo(row.result).path() == QFileInfo(list_).path() ? QFileInfo(row.result).fileName() : row.result),
        row.state,
        row.seconds > 0 ? QString::number(row.seconds, 'f', 2) : QString(),
        row.residual > 0 ? QString::number(row.residual, 'f', 3) : QString(),
        row.result.isEmpty() ? QString() : QString::number(row.seed),
        quoted(row.words)};
    lines += cells.join(',').toUtf8() + '\n';
  }
  QSaveFile file(list_);
  return file.open(QIODevice::WriteOnly) && file.write(lines) == lines.size() && file.commit();
}

}  // namespace mgdm::ui
