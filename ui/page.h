// What the window asks of a page: photos, songs. Pages know nothing of each other and nothing of the window.
#pragma once
#include <QWidget>
#include <nlohmann/json_fwd.hpp>

class QAction;
class QToolBar;

namespace mgdm::ui {

class SidePanels;

class Page : public QWidget {
  Q_OBJECT
 public:
  using QWidget::QWidget;

  virtual QString name() const = 0;   ///< of the page in object names: "photos"
  virtual QString title() const = 0;  ///< on the button that shows it
  /// With their keys. They answer only while the page is shown; a key may be another's on another page.
  virtual const QList<QAction*>& pageActions() const = 0;
  virtual QList<QAction*> menuActions() const { return {}; }  ///< those in the menu
  virtual QString toolBarTitle() const = 0;
  virtual void fillToolBar(QToolBar* bar) = 0;
  virtual QWidget* statusWidget() { return nullptr; }  ///< at the right of the status bar

  virtual QString fileFilter() const = 0;               ///< for file dialogs: "Photos (*.png ...)"
  virtual bool canOpen(const QString& path) const = 0;  ///< by the file's name
  virtual void open(const QString& path) = 0;           ///< what is wrong with it is said on the page
  virtual bool mayLeave() { return true; }              ///< asks if there is something that was not saved
  virtual void leave() = 0;                             ///< the window closes: ends what is running
  virtual void modelsChanged() = 0;                     ///< one was imported or removed
  virtual bool useModel(const QString& name) = 0;       ///< false: it is none of this page's
  /// Settings of a compared cell (keys as core/compare/spec.h has them) into the page's form. False: not this page's.
  virtual bool useSettings(const QString& /*medium*/, const nlohmann::json& /*keys*/) { return false; }
  virtual void enter() = 0;                        ///< it is shown now: takes the focus, says its state
  virtual QWidget* home() { return this; }         ///< has the focus where no control has it
  virtual SidePanels* sides() { return nullptr; }  ///< what can be folded away
  virtual void showNotice(const QString& words) = 0;

 Q_SIGNALS:
  void status(const QString& words);
  void opened(const QString& path);   ///< empty: it is in no file that is to be remembered
  void refused(const QString& path);  ///< the person would rather keep what is open
  void modifiedChanged(bool modified);
  void filesDropped(const QStringList& paths);
  void wantsToOpen();
  void wantsModels();
  /// What is set here is to be compared: keys as core/compare/spec.h has them.
  void wantsToCompare(const nlohmann::json& keys);
};

}  // namespace mgdm::ui
