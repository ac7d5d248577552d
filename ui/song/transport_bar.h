// Playing: begin, pause, repeat, where it plays and through what, and the song as it was instead of its stems.
#pragma once
#include <QWidget>

class QAction;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;

namespace mgdm {
class Player;
}

namespace mgdm::ui {

class TimeAxis;

/// Player and axis outlive it; it keeps them together.
class TransportBar : public QWidget {
  Q_OBJECT
 public:
  TransportBar(Player* player, TimeAxis* axis, QAction* to_start, QWidget* parent = nullptr);
  /// The player has other tracks: a song, or with stems that are heard from now on.
  void loaded(bool stems);
  bool original() const;
  void clickPlay();
  void clickOriginal();
  void toggleLoop();
  void loop();      ///< the marked part, from now on
  void keepLoop();  ///< the player has other tracks and repeats as before
  /// Stands at the right of what is there already.
  void add(QWidget* button);

 Q_SIGNALS:
  void originalToggled();

 private:
  void buildPlaying(QHBoxLayout* row);
  void buildDevice(QHBoxLayout* row);
  void update();  ///< some 30 times a second
  void updateDevice();

  Player* player_;
  TimeAxis* axis_;
  bool loaded_ = false;
  QToolButton *play_, *loop_;
  QLabel *time_, *device_problem_;
  QPushButton* original_;
  QComboBox* device_;
};

}  // namespace mgdm::ui
