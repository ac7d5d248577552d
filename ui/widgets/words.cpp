#include "ui/widgets/words.h"

#include <QApplication>
#include <QFile>
#include <QFileInfo>

namespace mgdm::ui {

QString text(const std::string& s) { return QString::fromStdString(s); }

QString one_line(const std::exception& e) { return QString::fromUtf8(e.what()).section(QLatin1Char('\n'), 0, 0); }

QString spoken(const std::string& s) { return QCoreApplication::translate("core", s.c_str()); }

QString preset_name(const std::string& name) {
  if (name == "large") return QCoreApplication::translate("Words", "for large photos");
  if (name == "quick") return QCoreApplication::translate("Words", "quick");
  if (name == "balanced") return QCoreApplication::translate("Words", "balanced");
  if (name == "best") return QCoreApplication::translate("Words", "best");
  if (name == "paper") return QCoreApplication::translate("Words", "paper");
  if (name == "exact") return QCoreApplication::translate("Words", "exact");
  return text(name);
}

QString resource_file(const QString& name) {
  for (const QString& folder : {QApplication::applicationDirPath() + QStringLiteral("/../share/mgdm-studio/"),
                                QStringLiteral(MGDM_RESOURCES_DIR "/")}) {
    if (QFile::exists(folder + name)) return QFileInfo(folder + name).canonicalFilePath();
  }
  return {};
}

}  // namespace mgdm::ui
