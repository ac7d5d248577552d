#include "ui/shell/translation.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QSettings>
#include <cstring>

namespace mgdm::ui {

namespace {
QString& chosen() {
  static QString language = QStringLiteral("en");
  return language;
}
}  // namespace

QString currentLanguage() { return chosen(); }

QStringList languages() { return {QStringLiteral("en"), QStringLiteral("de")}; }

QString Translator::translate(const char* context, const char* source, const char* disambiguation, int n) const {
  for (const char* found = std::strstr(context, "::"); found != nullptr; found = std::strstr(context, "::"))
    context = found + 2;
  return QTranslator::translate(context, source, disambiguation, n);
}

QString installTranslation(QString language) {
  if (language.isEmpty()) language = QSettings().value(QStringLiteral("language")).toString();
  if (language.isEmpty()) language = QLocale().name().section('_', 0, 0);
  if (!languages().contains(language)) language = QStringLiteral("en");
  chosen() = language;
  QLocale::setDefault(QLocale(language));
  if (language == QStringLiteral("en")) return language;
  const std::pair<QString, QString> sources[] = {
      {QLibraryInfo::path(QLibraryInfo::TranslationsPath), QStringLiteral("qtbase_")},
      {QStringLiteral(":/translations"), QStringLiteral("core_")},
      {QStringLiteral(":/translations"), QStringLiteral("studio_")}};
  for (const auto& [folder, name] : sources) {
    auto* translator = new Translator(QCoreApplication::instance());
    if (translator->load(folder + '/' + name + language)) QCoreApplication::installTranslator(translator);
  }
  return language;
}

}  // namespace mgdm::ui
