// Programs run as a script runs them.
#pragma once
#include <QProcess>
#include <QString>
#include <QStringList>

namespace mgdm::test {

struct Answer {
  int code;
  QByteArray out, error;
};

inline Answer answer_of(const QString& program, const QStringList& arguments,
                        const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment()) {
  QProcess p;
  p.setProcessEnvironment(environment);
  p.start(program, arguments);
  if (!p.waitForFinished(240000)) return {-1, {}, "timeout"};
  return {p.exitCode(), p.readAllStandardOutput(), p.readAllStandardError()};
}

inline Answer mgdm(const QStringList& arguments) { return answer_of(QStringLiteral(MGDM_PROGRAM), arguments); }

/// One line of error that says which program it is from, with `word` in it.
inline bool one_line(const QByteArray& error, const char* word, const char* program = "mgdm: ") {
  return error.count('\n') == 1 && error.startsWith(program) && error.contains(word);
}

}  // namespace mgdm::test
