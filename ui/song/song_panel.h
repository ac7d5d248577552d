// The form on the left of the song page: what to do with the song, how, and the export of what came of it.
#pragma once
#include <QScrollArea>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "ui/song/export_dialog.h"
#include "ui/song/song_runs.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace mgdm::ui {

class ModelChoice;
class StartField;
class TimeAxis;

/// In the list of qualities: what was compared, where the form has no fields for it.
inline const QString kOwnMethod = QStringLiteral("method");

class SongPanel : public QScrollArea {
  Q_OBJECT
 public:
  /// The marked part is `axis`'s. `run_buttons` stand below what is asked.
  SongPanel(TimeAxis* axis, QWidget* run_buttons, QWidget* parent = nullptr);

  void setSong(const OpenedSong& song);
  /// Stems of the open song that were kept, newest first, to be chosen from; `shown`: the folder of those that are
  /// seen.
  void setKept(const std::vector<KeptStems>& kept, const QString& shown);
  /// All that the form says, and back, as far as it is of this version.
  nlohmann::json session() const;
  void restore(const nlohmann::json& session);
  // song_compare.cpp
  /// The same as keys of a compared cell (core/compare/spec.h), with the marked part.
  nlohmann::json keys() const;
  /// The session of a cell's keys, complete, whatever its song. Throws Error and json exceptions where this program or
  /// this form does not know something of it.
  nlohmann::json sessionOf(const nlohmann::json& keys) const;
  SongWish wish() const;
  void setState(bool busy, bool can_export);
  bool canExport() const;
  /// Names of tracks that can be left out of an export.
  void setStems(const QStringList& names);
  /// How far the stems together are from the song, in dB.
  void setSum(double decibels);
  /// The models of music there are now.
  void fillModels();
  /// False if no model of music has this name.
  bool useModel(const QString& name);

 Q_SIGNALS:
  void exportWanted(mgdm::ui::ExportDialog::What what, const QString& stem);
  void edited();  ///< something of `session` changed
  void keptChosen(const mgdm::ui::KeptStems& stems);
  void keptDeleted(const mgdm::ui::KeptStems& stems);
  void goOnWanted(const mgdm::ui::KeptStems& stems);

 private:
  void buildTask(QVBoxLayout* column);
  void buildForm(QFormLayout* form);
  void buildKept(QVBoxLayout* column);
  void buildExport(QVBoxLayout* column);
  void describe();
  void describeStart();
  static const std::set<std::string>& methodKeys();  ///< of a song's request, that the form has no fields for
  void setMethod(const nlohmann::json& method);
  bool usesMethod() const;
  void putMethodInto(SeparationRequest& request) const;

  TimeAxis* axis_;
  OpenedSong song_;
  QLabel *file_, *help_, *sum_;
  QFormLayout* form_;
  QComboBox *what_, *part_, *preset_, *kept_list_;
  QWidget* kept_row_;
  QPushButton* go_on_;
  std::vector<KeptStems> kept_stems_;
  ModelChoice* model_;
  QDoubleSpinBox *level_, *other_;
  QSpinBox *samples_, *seed_;
  QCheckBox* keep_;
  StartField* start_;
  nlohmann::json method_;  ///< sampler, preset, settings and `methodKeys` of a compared cell; an object
  QPushButton* export_;
};

}  // namespace mgdm::ui
