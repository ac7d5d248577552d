// Words of core on the screen.
#pragma once
#include <QString>
#include <exception>
#include <string>

namespace mgdm::ui {

QString text(const std::string& s);
/// The first line of what went wrong, in the person's language where core's sentence is known there.
QString one_line(const std::exception& e);
/// What core says of tasks and settings, in the person's language.
QString spoken(const std::string& s);
/// A sentence of core with numbers and names in it, "IMG.tif: of its 2 pages the largest was opened": each part between
/// colons and semicolons that is known, numbers as %1, %2, in the person's language; the rest as it is.
QString spoken_sentence(const QString& s);
/// Of a preset: "quick" as people read it.
QString preset_name(const std::string& name);
/// A file of resources/: in the source tree that the program was built from, or where it is installed. Empty: not
/// there.
QString resource_file(const QString& name);

}  // namespace mgdm::ui
