#include "ui/widgets/words.h"

#include <QApplication>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

namespace mgdm::ui {

QString text(const std::string& s) { return QString::fromStdString(s); }

namespace {

// Empty: not known.
QString spoken_part(const QString& part) {
  static const QRegularExpression number(QStringLiteral("[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?"));
  QString known = part;
  QStringList numbers;
  for (auto match = number.match(known); match.hasMatch();) {
    numbers << match.captured();
    const QString place = QStringLiteral("%%1").arg(numbers.size());
    known.replace(match.capturedStart(), match.capturedLength(), place);
    match = number.match(known, match.capturedStart() + place.size());
  }
  QString words = QCoreApplication::translate("core", known.toUtf8().constData());
  if (words == known) return {};
  for (qsizetype k = numbers.size(); k > 0; --k) words.replace(QStringLiteral("%%1").arg(k), numbers[k - 1]);
  return words;
}

}  // namespace

QString spoken_sentence(const QString& s) {
  if (const QString whole = spoken_part(s); !whole.isEmpty()) return whole;
  static const QRegularExpression between(QStringLiteral("[:;] "));
  QString out;
  qsizetype from = 0;
  while (from <= s.size()) {
    const auto match = between.match(s, from);
    const qsizetype to = match.hasMatch() ? match.capturedStart() : s.size();
    const QString part = s.mid(from, to - from), words = spoken_part(part);
    out += (words.isEmpty() ? part : words) + match.captured();
    from = match.hasMatch() ? match.capturedEnd() : s.size() + 1;
  }
  return out;
}

QString one_line(const std::exception& e) {
  return spoken_sentence(QString::fromUtf8(e.what()).section(QLatin1Char('\n'), 0, 0));
}

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
