// The song page's bar for practising: where it stands, and what it does to the rest of the page.
#include <QAction>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>
#include <cmath>

#include "ui/song/practise_bar.h"
#include "ui/song/song_page.h"
#include "ui/song/transport_bar.h"

namespace mgdm::ui {

namespace {

/// "Practise: 80 %, +2 st".
QString practising_words(const Practice& practice) {
  QStringList words;
  if (practice.tempo != 1) words << QStringLiteral("%1 %").arg(std::lround(100 * practice.tempo));
  const QString sign = practice.key > 0 ? QStringLiteral("+") : QString();
  if (practice.key != 0) words << SongPage::tr("%1 st").arg(sign + QString::number(practice.key));
  return words.isEmpty() ? SongPage::tr("Practise")
                         : SongPage::tr("Practise: %1").arg(words.join(QStringLiteral(", ")));
}

}  // namespace

void SongPage::buildPractising(QVBoxLayout* column) {
  practise_ = new PractiseBar(player_.get(), axis_, saver_);
  auto* scroll = new QScrollArea;  // beside both panels a small window has no room for all of it
  scroll->setWidget(practise_);
  scroll->setWidgetResizable(true);
  scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  scroll->setFixedHeight(practise_->sizeHint().height() + scroll->horizontalScrollBar()->sizeHint().height());
  column->addWidget(scroll);
  practise_->addActions(actions_);
  connect(practise_, &PractiseBar::loopWanted, transport_, &TransportBar::loop);
  auto* fold = new QPushButton(tr("Practise"));
  fold->setObjectName(QStringLiteral("song_practise_button"));
  fold->setCheckable(true);
  fold->setToolTip(tr("Tempo, key, metronome and loops (T)"));
  const QString kept = QStringLiteral("song_practise");
  connect(fold, &QPushButton::toggled, practise_, [scroll, kept](bool on) {
    scroll->setVisible(on);
    QSettings().setValue(kept, on);
  });
  // Folded away it still says that what is heard is not the song as it is.
  connect(practise_, &PractiseBar::handed, fold, [fold](const Practice& practice) {
    if (!practice.trainer.on) fold->setText(practising_words(practice));
  });
  connect(practise_, &PractiseBar::trained, fold, [fold](double tempo, int pass) {
    fold->setText(SongPage::tr("Practise: %1 %, pass %2").arg(std::lround(100 * tempo)).arg(pass + 1));
  });
  fold->setChecked(QSettings().value(kept, false).toBool());
  scroll->setVisible(fold->isChecked());
  transport_->add(fold);
  actions_.add("song_practise", tr("Show or hide what is for practising"), Qt::Key_T, [fold] { fold->toggle(); });
}

}  // namespace mgdm::ui
