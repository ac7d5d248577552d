// mgdm-studio: the window.
#include <QApplication>
#include <QCommandLineParser>

#include "ui/look.h"
#include "ui/main_window.h"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("mgdm-studio"));
  QApplication::setApplicationDisplayName(QStringLiteral("MGDM Studio"));
  QApplication::setOrganizationName(QStringLiteral("mgdm-studio"));
  QApplication::setApplicationVersion(QStringLiteral(MGDM_VERSION));
  QCommandLineParser parser;
  parser.setApplicationDescription(QApplication::translate("main", "Restores photos by diffusion posterior sampling, live."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("photo"), QApplication::translate("main", "Photo to open; the sample photo if none."));
  parser.process(application);
  mgdm::ui::applyLook(application);
  mgdm::ui::MainWindow window;
  if (parser.positionalArguments().isEmpty()) {
    window.openSample();
  } else {
    window.open(parser.positionalArguments().first());
  }
  window.show();
  return QApplication::exec();
}
