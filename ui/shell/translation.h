// The studio's languages. Sources are English; translations are in resources/translations.
#pragma once
#include <QString>
#include <QStringList>
#include <QTranslator>

namespace mgdm::ui {

/// "en" and every language that there is a translation for.
QStringList languages();
/// lupdate names a context by its class alone, the running program by namespace and class.
class Translator : public QTranslator {
  Q_OBJECT
 public:
  using QTranslator::QTranslator;
  QString translate(const char* context, const char* source, const char* disambiguation = nullptr,
                    int n = -1) const override;
};

/// Installs the translation for `language` ("de"), or for an empty string the one of the setting
/// "language", else of the system. Call before the first widget is made. Returns what was chosen.
QString installTranslation(QString language = {});
/// What was chosen last.
QString currentLanguage();

}  // namespace mgdm::ui
