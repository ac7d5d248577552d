#include "ui/song/song_history.h"

#include <QFileInfo>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <map>

#include "ui/song/lanes.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {
constexpr int kIndex = Qt::UserRole, kSong = Qt::UserRole + 1;

QString dateOf(const KeptStems& stems) { return QLocale().toString(stems.when, QLocale::ShortFormat); }
}  // namespace

SongHistory::SongHistory(QWidget* parent) : QTreeWidget(parent) {
  setObjectName(QStringLiteral("song_history"));
  setAccessibleName(tr("Songs and their stems"));
  setHeaderHidden(true);
  setIndentation(14);
  setWordWrap(true);
  setUniformRowHeights(false);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setContextMenuPolicy(Qt::CustomContextMenu);
  connect(this, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { choose(item); });
  connect(this, &QTreeWidget::customContextMenuRequested, this, &SongHistory::offer);
}

QString SongHistory::words(const KeptStems& stems) {
  const auto at = [&](qint64 frame) { return timeText(static_cast<double>(frame) / stems.sample_rate); };
  QStringList parts{dateOf(stems), QStringLiteral("%1–%2").arg(at(stems.begin), at(stems.end)),
                    preset_name(stems.preset.toStdString())};
  if (stems.samples > 0) parts << (stems.samples == 1 ? tr("one sample") : tr("%1 samples").arg(stems.samples));
  if (stems.goesOn()) parts << tr("stopped");
  return parts.join(QStringLiteral(", "));
}

void SongHistory::fill(const std::vector<KeptStems>& kept, const QString& shown) {
  kept_ = kept;
  clear();
  std::map<QString, QTreeWidgetItem*> songs;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const KeptStems& stems = kept_[i];
    QTreeWidgetItem*& song = songs[stems.song];
    if (song == nullptr) {
      const QFileInfo file(stems.song);
      song =
          new QTreeWidgetItem(this, {file.exists() ? file.fileName() : tr("%1 (is not there)").arg(file.fileName())});
      song->setData(0, kSong, stems.song);
      song->setToolTip(0, stems.song);
      if (!file.exists()) song->setForeground(0, palette().color(QPalette::PlaceholderText));
    }
    QString lines = words(stems);
    lines.replace(dateOf(stems).size(), 2, QStringLiteral("\n"));  // the date above the rest
    auto* run = new QTreeWidgetItem(song, {lines});
    run->setToolTip(0, words(stems));
    run->setData(0, kIndex, static_cast<int>(i));
    run->setData(0, kSong, stems.song);
    if (stems.folder == shown) {
      song->setExpanded(true);
      setCurrentItem(run);
    }
  }
}

std::vector<KeptStems> SongHistory::of(const QTreeWidgetItem* item) const {
  std::vector<KeptStems> found;
  if (item == nullptr) return found;
  if (item->parent() != nullptr) return {kept_[static_cast<size_t>(item->data(0, kIndex).toInt())]};
  for (int k = 0; k < item->childCount(); ++k)
    found.push_back(kept_[static_cast<size_t>(item->child(k)->data(0, kIndex).toInt())]);
  return found;
}

void SongHistory::choose(const QTreeWidgetItem* item) {
  if (item->parent() != nullptr) {
    Q_EMIT stemsChosen(of(item).front());
  } else {
    Q_EMIT songChosen(item->data(0, kSong).toString());
  }
}

void SongHistory::offer(const QPoint& at) {
  const QTreeWidgetItem* item = itemAt(at);
  if (item == nullptr) return;
  const bool song = item->parent() == nullptr;
  const auto stems = of(item);
  QMenu menu;
  menu.addAction(song ? tr("Open") : tr("Show"), this, [this, item] { choose(item); });
  menu.addAction(song ? tr("Delete all its stems…") : tr("Delete…"), this,
                 [this, stems] { Q_EMIT deletionWanted(stems); });
  menu.exec(viewport()->mapToGlobal(at));
}

void SongHistory::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Delete && currentItem() != nullptr) {
    Q_EMIT deletionWanted(of(currentItem()));
  } else {
    QTreeWidget::keyPressEvent(event);
  }
}

}  // namespace mgdm::ui
