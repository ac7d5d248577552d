// mgdm-studio: the window.
#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>

#include "app/process.h"
#include "ui/photo/photo_page.h"
#include "ui/shell/main_window.h"
#include "ui/shell/translation.h"
#include "ui/widgets/look.h"

int main(int argc, char** argv) {
  settle_process(argv);
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("mgdm-studio"));
  QApplication::setApplicationDisplayName(QStringLiteral("MGDM Studio"));
  QApplication::setOrganizationName(QStringLiteral("mgdm-studio"));
  QApplication::setDesktopFileName(QStringLiteral("org.mgdm_studio.MGDMStudio"));
  QApplication::setApplicationVersion(QStringLiteral(MGDM_VERSION));
  // Before the first word is shown: an argument may choose the language.
  const qsizetype chosen = application.arguments().indexOf(QStringLiteral("--language"));
  mgdm::ui::installTranslation(chosen > 0 ? application.arguments().value(chosen + 1) : QString());
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QApplication::translate("main", "Restores photos by diffusion posterior sampling, live."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(
      QStringLiteral("photos"),
      QApplication::translate("main", "Photos to open; without any the last session, or the sample photo."),
      QStringLiteral("[photos...]"));
  const QCommandLineOption sample(QStringLiteral("sample"), QApplication::translate("main", "Open the sample photo."));
  parser.addOption(sample);
  const QCommandLineOption language(QStringLiteral("language"),
                                    QApplication::translate("main", "Language of the window: %1.")
                                        .arg(mgdm::ui::languages().join(QStringLiteral(", "))),
                                    QStringLiteral("language"));
  parser.addOption(language);
  parser.process(application);
  mgdm::ui::applyLook(application, QSettings().value(QStringLiteral("light")).toBool() ? mgdm::ui::Theme::Light
                                                                                       : mgdm::ui::Theme::Dark);
  mgdm::ui::MainWindow window;
  if (!parser.positionalArguments().isEmpty()) {
    window.openAll(parser.positionalArguments());
  } else if (parser.isSet(sample) || !window.photoPage()->restoreSession()) {
    window.photoPage()->openSample();
  }
  window.show();
  return QApplication::exec();
}
