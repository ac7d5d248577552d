#include "ui/song/song_scrubber.h"

#include <ATen/ATen.h>

#include <QHBoxLayout>
#include <QLabel>
#include <QMetaObject>
#include <QSignalBlocker>
#include <QSlider>
#include <utility>

#include "core/media/pcm_file.h"
#include "core/media/sound_file.h"
#include "core/threads/worker.h"
#include "ui/song/lanes.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

struct SongScrubber::Tracks {
  std::vector<std::shared_ptr<PcmFile>> files;
  int64_t begin = 0, end = 0;  ///< frames that are not silent
};

SongScrubber::SongScrubber(TimeAxis* axis, QWidget* parent)
    : QWidget(parent), axis_(axis), worker_(std::make_unique<Worker>()) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 3, 12, 3);
  row->setSpacing(10);
  row->addWidget(hint(tr("Steps")));
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setObjectName(QStringLiteral("song_iterates"));
  slider_->setAccessibleName(tr("Iterates"));
  slider_->setToolTip(
      tr("The run's iterates around the place where it plays, seen and heard; at the right end is what is there now."));
  row->addWidget(slider_, 1);
  label_ = hint();
  label_->setObjectName(QStringLiteral("song_iterate"));
  label_->setWordWrap(false);
  label_->setMinimumWidth(240);
  row->addWidget(label_);
  hide();
  connect(slider_, &QSlider::valueChanged, this, &SongScrubber::choose);
  connect(axis, &TimeAxis::playheadMoved, this, [this] {
    if (!scrubbing_) refresh();
  });
}

SongScrubber::~SongScrubber() { worker_.reset(); }

void SongScrubber::begin(std::shared_ptr<const SongIterates> iterates, const QString& folder, int64_t length,
                         int sample_rate) {
  end();
  iterates_ = std::move(iterates);
  folder_ = folder;
  length_ = length;
  rate_ = sample_rate;
  tracks_ = std::make_shared<Tracks>();
  refresh();
}

void SongScrubber::refresh() {
  setVisible(iterates_ != nullptr && !here_.empty());
  if (iterates_ == nullptr || (scrubbing_ && !here_.empty())) return;  // a person is at those of one window
  here_ = iterates_->at(axis_->playhead());
  const QSignalBlocker block(slider_);
  slider_->setRange(0, static_cast<int>(here_.size()));
  slider_->setValue(slider_->maximum());
  setVisible(!here_.empty());
  label_->setText(here_.empty()       ? QString()
                  : here_.size() == 1 ? tr("1 step can be heard")
                                      : tr("%1 steps can be gone through").arg(here_.size()));
}

void SongScrubber::end() {
  ++newest_;
  const bool was = std::exchange(scrubbing_, false);
  here_.clear();
  refresh();
  if (was) Q_EMIT ended();
}

void SongScrubber::choose(int index) {
  if (index >= static_cast<int>(here_.size())) {
    end();
    return;
  }
  scrubbing_ = true;
  const SongIterate& iterate = here_[static_cast<size_t>(index)];
  const auto at = [this](int64_t frame) { return timeText(static_cast<double>(frame) / rate_); };
  label_->setText(tr("step %1 of %2, t %3, %4–%5")
                      .arg(iterate.step)
                      .arg(iterate.steps)
                      .arg(iterate.t)
                      .arg(at(iterate.begin), at(iterate.end)));
  make(iterate);
}

void SongScrubber::make(const SongIterate& iterate) {
  const quint64 number = ++newest_;
  worker_->stop();  // what waits is of older choices
  worker_->post([this, number, iterate, tracks = tracks_, folder = folder_, length = length_,
                 rate = rate_](const std::stop_token& stop) {
    if (stop.stop_requested()) return;
    ScrubbedTracks made;
    try {
      const int64_t n = iterate.end - iterate.begin;
      if (tracks->files.empty()) {
        for (int64_t k = 0; k < iterate.sound.size(0); ++k)
          tracks->files.push_back(std::make_shared<PcmFile>(folder.toStdString(), 1, length));
      }
      for (size_t k = 0; k < tracks->files.size(); ++k) {
        PcmFile& file = *tracks->files[k];
        if (tracks->begin != iterate.begin && tracks->end > tracks->begin)
          file.write(tracks->begin, at::zeros({1, tracks->end - tracks->begin}));
        const at::Tensor sound = iterate.sound[static_cast<int64_t>(k)].to(at::kFloat).unsqueeze(0);
        file.write(iterate.begin, resample(sound, iterate.rate, rate, n));
        made.tracks.push_back(tracks->files[k]);
      }
      tracks->begin = iterate.begin;
      tracks->end = iterate.end;
      made.stretch = stretch_of(made.tracks, iterate.begin, iterate.end, iterate.begin);
    } catch (const std::exception&) {  // a full disk: what is there stays
      return;
    }
    QMetaObject::invokeMethod(
        this,
        [this, number, made] {
          if (number == newest_ && scrubbing_) Q_EMIT shown(made);
        },
        Qt::QueuedConnection);
  });
}

}  // namespace mgdm::ui
