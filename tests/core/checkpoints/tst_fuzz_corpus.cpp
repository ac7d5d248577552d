#include <QDirIterator>
#include <QtTest>

#include "tests/fuzz/targets.h"

using namespace mgdm;

// The fuzzers' seeds and whatever they once found, in every build: nothing but a value or a sentence comes of them. And
// every byte of each seed changed, and each seed cut off anywhere.
class TestFuzzCorpus : public QObject {
  Q_OBJECT
  using Target = void (*)(const uint8_t*, size_t);

 private Q_SLOTS:
  void corpusIsSurvived_data() {
    QTest::addColumn<QString>("target");
    for (const char* target : {"safetensors", "pickle", "torch_file", "photo", "sound"})
      QTest::newRow(target) << target;
  }
  void corpusIsSurvived() {
    QFETCH(QString, target);
    const Target run = target == "pickle"       ? fuzz::pickle
                       : target == "torch_file" ? fuzz::torch_file
                       : target == "photo"      ? fuzz::photo
                       : target == "sound"      ? fuzz::sound
                                                : fuzz::safetensors;
    int files = 0;
    for (QDirIterator it(QStringLiteral(MGDM_SOURCE_DIR "/tests/data/fuzz/") + target, QDir::Files); it.hasNext();) {
      QFile file(it.next());
      QVERIFY(file.open(QIODevice::ReadOnly));
      const QByteArray bytes = file.readAll();
      const auto feed = [&](const QByteArray& b) {
        run(reinterpret_cast<const uint8_t*>(b.constData()), static_cast<size_t>(b.size()));
      };
      feed(bytes);
      for (qsizetype i = 0; i < bytes.size(); ++i) {
        QByteArray changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
        feed(changed);
        feed(bytes.left(i));
      }
      ++files;
    }
    QVERIFY(files >= 3);
  }

  // What people bring is larger: some hundred changes and cuts of each.
  void photosOfTheCasesAreSurvived() {
    int files = 0;
    for (QDirIterator it(QStringLiteral(MGDM_SOURCE_DIR "/tests/data/cases/photos"), QDir::Files); it.hasNext();) {
      QFile file(it.next());
      QVERIFY(file.open(QIODevice::ReadOnly));
      const QByteArray bytes = file.readAll();
      const auto feed = [](const QByteArray& b) {
        fuzz::photo(reinterpret_cast<const uint8_t*>(b.constData()), static_cast<size_t>(b.size()));
      };
      feed(bytes);
      // Close together in the header, far apart in the pixels.
      for (qsizetype i = 0; i < bytes.size(); i += 3 + i / 8) {
        QByteArray changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
        feed(changed);
        feed(bytes.left(i));
      }
      ++files;
    }
    QVERIFY(files > 20);
  }
};

QTEST_GUILESS_MAIN(TestFuzzCorpus)
#include "tst_fuzz_corpus.moc"
