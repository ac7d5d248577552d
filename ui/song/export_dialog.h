// Asks what of a song is to be written, and where to: one file of what is heard, one without a stem, or the stems.
//
// It shows the name of each file that will be written, and writes over nothing that it was not told to.
#pragma once
#include <QDialog>
#include <vector>

#include "ui/song/song_runs.h"

class QCheckBox;
class QComboBox;
class QDialogButtonBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QRadioButton;

namespace mgdm::ui {

/// What the page shows.
struct ExportSource {
  QString song;                                         ///< its path
  QStringList stems;                                    ///< names of tracks
  std::vector<std::pair<QString, ChannelGains>> heard;  ///< of them, as they are heard
  QString whole, marked;                                ///< parts in words; `marked` empty: there is none
  int64_t mark_begin = 0, mark_end = 0;                 ///< frames
};

class ExportDialog : public QDialog {
  Q_OBJECT
 public:
  enum What { Heard, Without, Stems };
  /// `stem`: the one that is left out at first.
  ExportDialog(ExportSource source, What what, const QString& stem, QWidget* parent = nullptr);
  SoundExport wish() const;

  /// "without bass", "bass and drums": what is heard of `stems`, as a name; empty: all.
  static QString wordsOf(const QStringList& heard, const QStringList& stems);

 private:
  void buildWhat(QGridLayout* grid, What what, const QString& stem);
  void buildFormat(QGridLayout* grid);
  void buildPlace(QGridLayout* grid);
  void propose();
  void check();
  void chooseFolder();
  What what() const;
  QStringList chosenStems() const;
  QString ending() const;
  QString target() const;  ///< the file or the folder that is written

  ExportSource source_;
  QRadioButton *heard_, *without_, *stems_;
  QComboBox *stem_, *part_, *ending_, *bits_;
  std::vector<QCheckBox*> boxes_;
  QLineEdit *name_, *folder_;
  QCheckBox* replace_;
  QLabel* note_;
  QDialogButtonBox* buttons_;
};

}  // namespace mgdm::ui
