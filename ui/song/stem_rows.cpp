#include "ui/song/stem_rows.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/media/player.h"
#include "core/threads/worker.h"
#include "ui/song/lanes.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

namespace {

/// A double click puts it where it usually is.
class RestingSlider : public QSlider {
 public:
  RestingSlider(int from, int to, int usual) : QSlider(Qt::Horizontal), usual_(usual) {
    setRange(from, to);
    setValue(usual);
    setMinimumWidth(30);
  }

 protected:
  void mouseDoubleClickEvent(QMouseEvent*) override { setValue(usual_); }

 private:
  int usual_;
};

QColor colour_of(const QString& name) {
  static const std::pair<const char*, const char*> colours[] = {{"bass", "#4c9aff"},   {"drums", "#e8963a"},
                                                                {"guitar", "#4fb477"}, {"piano", "#b67be0"},
                                                                {"other", "#e0708f"},  {"mix", "#4fb8b0"}};
  for (const auto& [known, colour] : colours) {
    if (name == QLatin1String(known)) return QColor(QLatin1String(colour));
  }
  return QColor(QStringLiteral("#8c96a3"));
}

}  // namespace

StemRows::StemRows(TimeAxis* axis, QWidget* parent)
    : QWidget(parent), axis_(axis), column_(new QVBoxLayout(this)), worker_(std::make_shared<Worker>()) {
  column_->setContentsMargins(0, 0, 0, 0);
  column_->setSpacing(1);
}

StemRows::Row StemRows::makeRow(const QString& name) {
  Row row;
  row.name = name;
  row.widget = new QWidget;
  auto* line = new QHBoxLayout(row.widget);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(0);
  auto* header = new QWidget;
  header->setFixedWidth(kHeaderWidth);
  auto* column = new QVBoxLayout(header);
  column->setContentsMargins(12, 6, 10, 6);
  column->setSpacing(4);
  const QString shown = shownName(name);
  auto* top = new QHBoxLayout;
  top->setSpacing(4);
  auto* title = heading(shown);
  top->addWidget(title, 1);
  if (!name.isEmpty()) addButtons(row, shown, top);
  column->addLayout(top);
  addSliders(row, shown, column);
  column->addStretch(1);
  line->addWidget(header);
  row.lane = new Lane(axis_, colour_of(name));
  row.lane->setAccessibleName(tr("Waveform of %1").arg(shown));
  line->addWidget(row.lane, 1);
  column_->addWidget(row.widget, 1);
  return row;
}

void StemRows::addSliders(Row& row, const QString& shown, QVBoxLayout* column) {
  const auto slider = [&](int from, int to, int usual) {
    auto* made = new RestingSlider(from, to, usual);
    connect(made, &QSlider::valueChanged, this, &StemRows::changed);
    return made;
  };
  row.gain = slider(0, 150, 100);
  row.gain->setToolTip(tr("Loudness, 0 to 150 %; a double click gives 100 %"));
  row.gain->setAccessibleName(tr("Loudness of %1").arg(shown));
  row.place = slider(-100, 100, 0);
  row.place->setObjectName(QStringLiteral("place"));
  row.place->setToolTip(tr("Place between left and right; a double click gives the middle"));
  row.place->setAccessibleName(tr("Place of %1").arg(shown));
  auto* sliders = new QHBoxLayout;
  sliders->setSpacing(8);
  sliders->addWidget(row.gain, 3);
  sliders->addWidget(row.place, 2);
  column->addLayout(sliders);
}

QString StemRows::spokenName(const QString& track) {
  const QString names[] = {tr("bass"),  tr("drums"),    tr("guitar"), tr("piano"),
                           tr("other"), tr("residual"), tr("mix")};  // for translation
  const QStringList known{QStringLiteral("bass"),  QStringLiteral("drums"), QStringLiteral("guitar"),
                          QStringLiteral("piano"), QStringLiteral("other"), QStringLiteral("residual"),
                          QStringLiteral("mix")};
  return known.contains(track) ? names[known.indexOf(track)] : track;
}

QString StemRows::shownName(const QString& track) {
  QString shown = track.isEmpty() ? tr("Song") : spokenName(track);
  shown.replace(0, 1, shown.left(1).toUpper());
  return shown;
}

void StemRows::addButtons(Row& row, const QString& shown, QHBoxLayout* top) {
  const auto toggle = [&](const QString& letter, const QString& tip, const QString& kind) {
    auto* b = new QToolButton;
    b->setObjectName(QStringLiteral("lane"));
    b->setText(letter);
    b->setCheckable(true);
    b->setToolTip(tip);
    b->setAccessibleName(kind + ' ' + shown);
    b->setProperty("track", row.name);
    connect(b, &QToolButton::toggled, this, &StemRows::changed);
    top->addWidget(b);
    return b;
  };
  row.mute = toggle(tr("M", "mute"), tr("Mute (Shift+U unmutes all)"), tr("Mute"));
  row.solo = toggle(tr("S", "solo"), tr("Solo; several can be (Shift+S ends it)"), tr("Solo"));
  // The repaired song is the stems' sum: both at once would be twice the song.
  if (row.name == QStringLiteral("mix")) row.mute->setChecked(true);
}

void StemRows::setSong(const std::vector<Peak>& peaks) {
  song_ = peaks;
  scale_ = 0.01;  // the loudest sample fills its lane; all lanes are drawn alike
  scaleTo(peaks);
  setStems({});
}

void StemRows::completeSong(const std::vector<Peak>& peaks) {
  song_ = peaks;
  scaleTo(peaks);
  rows_[0].lane->setPeaks(peaks);
}

void StemRows::scaleTo(const std::vector<Peak>& peaks) {
  for (const Peak& peak : peaks)
    scale_ = std::max({scale_, static_cast<double>(peak.highest()), -static_cast<double>(peak.lowest())});
}

void StemRows::growSong(const SongStretch& more) {
  scaleTo(more.peaks[0]);
  song_.insert(song_.end(), more.peaks[0].begin(), more.peaks[0].end());
  rows_[0].lane->update(more.begin, more.peaks[0], -1);
}

void StemRows::setStems(const QStringList& names) {
  for (auto& row : rows_) {
    row.widget->hide();
    row.widget->deleteLater();
  }
  rows_.clear();
  rows_.push_back(makeRow({}));
  for (const QString& name : names) rows_.push_back(makeRow(name));
  rows_[0].lane->setPeaks(song_);
  setForming(0);
}

void StemRows::setTracks(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int sample_rate) {
  for (size_t k = 0; k < rows_.size() && k < tracks.size(); ++k)
    rows_[k].lane->setTrack(tracks[k], sample_rate, worker_);
}

void StemRows::setSpread(const SongSpread& spread) {
  for (size_t k = 1; k < rows_.size(); ++k) {
    StemSpread of_stem{k <= spread.values.size() ? spread.values[k - 1] : std::vector<float>(), spread.begin,
                       spread.frames};
    rows_[k].lane->setSpread(std::move(of_stem));
  }
}

void StemRows::setOverlay(const SongStretch& stretch) {
  for (size_t k = 1; k < rows_.size(); ++k) {
    rows_[k].lane->setOverlay(stretch.begin, k <= stretch.peaks.size() ? stretch.peaks[k - 1] : std::vector<Peak>());
  }
}

void StemRows::setForming(int64_t frame) {
  for (size_t k = 1; k < rows_.size(); ++k) rows_[k].lane->setForming(frame);
}

void StemRows::take(const SongStretch& stretch) {
  for (size_t k = 1; k < rows_.size() && k <= stretch.peaks.size(); ++k)
    rows_[k].lane->update(stretch.begin, stretch.peaks[k - 1], stretch.finished);
}

std::vector<ChannelGains> StemRows::gains(bool original) const {
  original = original || !hasStems();
  const bool any_solo = std::any_of(rows_.begin(), rows_.end(),
                                    [](const Row& row) { return row.solo != nullptr && row.solo->isChecked(); });
  std::vector<ChannelGains> gains;
  for (const Row& row : rows_) {
    const bool heard =
        row.name.isEmpty() ? original : !original && (any_solo ? row.solo->isChecked() : !row.mute->isChecked());
    gains.push_back(
        heard ? balanced(static_cast<float>(row.gain->value()) / 100, static_cast<float>(row.place->value()) / 100)
              : ChannelGains{0, 0});
  }
  return gains;
}

void StemRows::applyTo(Player& player, bool original) const {
  const std::vector<ChannelGains> heard = gains(original);
  for (size_t k = 0; k < rows_.size(); ++k) {
    player.set_gain(k, heard[k]);
    rows_[k].lane->setHeard(rows_[k].gain->value() / 100.0 / scale_, !heard[k].silent());
  }
}

std::vector<std::pair<QString, ChannelGains>> StemRows::heard() const {
  std::vector<std::pair<QString, ChannelGains>> tracks;
  const std::vector<ChannelGains> all = gains(false);
  for (size_t k = 1; k < rows_.size(); ++k) {
    if (!all[k].silent()) tracks.emplace_back(rows_[k].name, all[k]);
  }
  return tracks;
}

QStringList StemRows::stems() const {
  QStringList names;
  for (const Row& row : rows_) {
    if (!row.name.isEmpty() && row.name != QStringLiteral("mix")) names << row.name;
  }
  return names;
}

QStringList StemRows::notMuted() const {
  QStringList names;
  for (const Row& row : rows_) {
    if (!row.name.isEmpty() && (row.name == QStringLiteral("mix") || !row.mute->isChecked())) names << row.name;
  }
  return names;
}

nlohmann::json StemRows::session() const {
  nlohmann::json all = nlohmann::json::object();
  for (const Row& row : rows_) {
    all[row.name.toStdString()] = {{"gain", row.gain->value()},
                                   {"place", row.place->value()},
                                   {"mute", row.mute != nullptr && row.mute->isChecked()},
                                   {"solo", row.solo != nullptr && row.solo->isChecked()}};
  }
  return all;
}

void StemRows::restore(const nlohmann::json& session) {
  for (const Row& row : rows_) {
    const auto found = session.find(row.name.toStdString());
    if (found == session.end() || !found->is_object()) continue;
    try {
      row.gain->setValue(found->value("gain", 100));
      row.place->setValue(found->value("place", 0));
      if (row.mute != nullptr) row.mute->setChecked(found->value("mute", false));
      if (row.solo != nullptr) row.solo->setChecked(found->value("solo", false));
    } catch (const nlohmann::json::exception&) {  // of another version
    }
  }
}

void StemRows::unmuteAll() {
  for (const Row& row : rows_)
    if (row.mute != nullptr) row.mute->setChecked(false);
}

void StemRows::endSolo() {
  for (const Row& row : rows_)
    if (row.solo != nullptr) row.solo->setChecked(false);
}

}  // namespace mgdm::ui
