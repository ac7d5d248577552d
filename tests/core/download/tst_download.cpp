// Fetching models from a web server of the test's own: ranges, redirects, breaks, wrong hashes, slow lines, web pages.
#include <ATen/ATen.h>
#include <archive.h>
#include <archive_entry.h>
#include <sys/resource.h>
#include <csignal>

#include <QCryptographicHash>
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <random>

#include "core/download/model_source.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/priors/known_models.h"
#include "tests/core/download/http_server.h"
#include "tests/oracle.h"

using namespace mgdm;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string random_bytes(size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(n, 0);
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string hash_of(const std::string& bytes) {
  return QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex().toStdString();
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string zipped(const std::map<std::string, std::string>& files) {
  std::string bytes(64 << 20, 0);
  size_t used = 0;
  archive* out = archive_write_new();
  archive_write_set_format_zip(out);
  archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
  for (const auto& [name, text] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(out, entry);
    archive_write_data(out, text.data(), text.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
  return bytes.substr(0, used);
}

const DownloadPatience kQuick{.attempts = 3, .stall = 1s, .wait = 10ms};

}  // namespace

class TstDownload : public QObject {
  Q_OBJECT
  const std::string bytes_ = random_bytes(450000, 1);
  QTemporaryDir folder_;
  int number_ = 0;
  fs::path fresh() { return fs::path(folder_.path().toStdString()) / ("file" + std::to_string(++number_)); }

  QString refusal(const DownloadRequest& request) {
    try {
      download(request, {}, {}, kQuick);
    } catch (const Error& e) {
      return QString::fromUtf8(e.what());
    }
    return {};
  }

 private Q_SLOTS:
  void aFileIsFetched_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("requests");
    QTest::newRow("at once") << "file" << 1;
    QTest::newRow("no ranges") << "plain" << 1;
    QTest::newRow("it has moved") << "moved" << 2;
    QTest::newRow("the line breaks again and again") << "break" << 5;
    QTest::newRow("a server that is busy at first") << "busy" << 3;
  }
  void aFileIsFetched() {
    QFETCH(QString, kind);
    QFETCH(int, requests);
    const test::HttpServer server({{"a.bin", bytes_}});
    const fs::path file = fresh();
    int64_t last = -1;
    bool forward = true;
    const Downloaded done = download(
        {{server.address("/" + kind.toStdString() + "/a.bin")}, file, 450000, hash_of(bytes_)},
        [&](const DownloadProgress& p) {
          if (p.checking) return;
          forward = forward && p.done >= last && p.size == 450000;
          last = p.done;
        },
        {}, kQuick);
    QVERIFY(content(file) == bytes_);
    QVERIFY(done.published);
    QCOMPARE(done.sha256, hash_of(bytes_));
    QVERIFY(forward && last > 0);
    QCOMPARE(static_cast<int>(server.requests().size()), requests);
    QVERIFY(!fs::exists(file.string() + ".part") && !fs::exists(file.string() + ".part.json"));
    if (kind == "break") QCOMPARE(server.requests()[4], std::string("/break/a.bin bytes=400000-"));
    // It is there: nothing is asked for.
    download({{server.address("/file/a.bin")}, file, 450000, hash_of(bytes_)}, {}, {}, kQuick);
    QCOMPARE(static_cast<int>(server.requests().size()), requests);
  }

  void aHashThatIsNotPublishedIsTold() {
    const test::HttpServer server({{"a.bin", bytes_}});
    const Downloaded done = download({{server.address("/file/a.bin")}, fresh(), 0, ""}, {}, {}, kQuick);
    QVERIFY(!done.published);
    QCOMPARE(done.sha256, hash_of(bytes_));
  }

  // Stopped in the middle, as by the end of the program; the next one asks for the rest only.
  void itGoesOnAfterAStop() {
    const test::HttpServer server({{"a.bin", bytes_}});
    const fs::path file = fresh();
    std::stop_source stop;
    try {
      download(
          {{server.address("/slow/a.bin")}, file, 450000, ""},
          [&](const DownloadProgress& p) {
            if (p.done > 50000) stop.request_stop();
          },
          stop.get_token(), kQuick);
      QFAIL("it was not stopped");
    } catch (const DownloadError& e) {
      QVERIFY2(QString(e.what()).contains("stays"), e.what());
    }
    const auto have = fs::file_size(file.string() + ".part");
    QVERIFY(have > 50000 && have < 400000);
    download({{server.address("/file/a.bin"), server.address("/slow/a.bin")}, file, 450000, hash_of(bytes_)}, {}, {},
             kQuick);
    QVERIFY(content(file) == bytes_);
    QCOMPARE(server.requests().back(), "/file/a.bin bytes=" + std::to_string(have) + "-");
  }

  // The file at the address is another one by now: its beginning is not glued to the old one's rest.
  void aFileThatHasChangedBeginsAnew() {
    test::HttpServer server({{"a.bin", bytes_}});
    const fs::path file = fresh();
    std::stop_source stop;
    try {
      download(
          {{server.address("/slow/a.bin")}, file, 0, ""},
          [&](const DownloadProgress& p) {
            if (p.done > 50000) stop.request_stop();
          },
          stop.get_token(), kQuick);
    } catch (const DownloadError&) {
    }
    QVERIFY(fs::exists(file.string() + ".part"));
    const std::string other = random_bytes(300000, 2);
    server.replace("a.bin", other, "\"two\"");
    download({{server.address("/slow/a.bin")}, file, 0, ""}, {}, {}, kQuick);
    QVERIFY(content(file) == other);
  }

  void theNextAddressIsTried() {
    const std::string wrong = random_bytes(450000, 3);
    const test::HttpServer server({{"a.bin", bytes_}, {"b.bin", wrong}});
    const fs::path file = fresh();
    const Downloaded done = download({{server.address("/gone/a.bin"), server.address("/html/a.bin"),
                                       server.address("/file/b.bin"), server.address("/file/a.bin")},
                                      file,
                                      450000,
                                      hash_of(bytes_)},
                                     {}, {}, kQuick);
    QVERIFY(content(file) == bytes_);
    QCOMPARE(done.address, server.address("/file/a.bin"));
  }

  void whatIsWrongIsNamed_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("size");
    QTest::addColumn<QString>("hash");
    QTest::addColumn<QString>("word");
    QTest::addColumn<bool>("part_stays");
    QTest::newRow("not there") << "gone" << 0 << ""
                               << "does not have it any more (404)" << false;
    QTest::newRow("an account is needed") << "account" << 0 << ""
                                          << "account" << false;
    QTest::newRow("a web page") << "html" << 0 << ""
                                << "web page" << false;
    QTest::newRow("a Git LFS pointer") << "lfs" << 0 << ""
                                       << "Git LFS pointer" << false;
    QTest::newRow("another size") << "file" << 1000 << ""
                                  << "another size, 450000 bytes instead of 1000" << false;
    QTest::newRow("another hash") << "file" << 450000 << QString(64, '0') << "another file than was published" << false;
    QTest::newRow("a line that stands still") << "hang" << 450000 << ""
                                              << "stays" << true;
  }
  void whatIsWrongIsNamed() {
    QFETCH(QString, kind);
    QFETCH(int, size);
    QFETCH(QString, hash);
    QFETCH(QString, word);
    QFETCH(bool, part_stays);
    const test::HttpServer server({{"a.bin", bytes_}});
    const fs::path file = fresh();
    const QString said =
        refusal({{server.address("/" + kind.toStdString() + "/a.bin")}, file, size, hash.toStdString()});
    QVERIFY2(said.contains(word), qPrintable(said));
    QVERIFY2(said.contains(QString::fromStdString(file.filename().string())), qPrintable(said));
    QVERIFY(!said.contains('\n'));
    QVERIFY(!fs::exists(file));
    QCOMPARE(fs::exists(file.string() + ".part"), part_stays);
  }

  void noWayToTheHostIsSaid() {
    std::string address;
    {
      const test::HttpServer server({});
      address = server.address("/file/a.bin");
    }  // nobody listens any more
    const QString said = refusal({{address}, fresh(), 0, ""});
    QVERIFY2(said.contains("127.0.0.1") && said.contains("connect", Qt::CaseInsensitive), qPrintable(said));
  }

  void aFullDiskIsSaid() {
    const test::HttpServer server({{"a.bin", bytes_}});
    const fs::path file = fresh();
    // No file may grow beyond 100 kB: as on a full disk, the write fails.
    rlimit before{}, small{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100000;
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    QString said;
    try {
      download({{server.address("/file/a.bin")}, file, 450000, hash_of(bytes_)}, {}, {}, kQuick);
    } catch (const MediaError& e) {
      said = e.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    QVERIFY2(said.contains(QString::fromStdString(file.filename().string())), qPrintable(said));
    QVERIFY(!fs::exists(file));
    // With room again it goes on.
    download({{server.address("/file/a.bin")}, file, 450000, hash_of(bytes_)}, {}, {}, kQuick);
    QVERIFY(content(file) == bytes_);
  }

  // A model in an archive: fetched, unpacked, imported under its name, and there again without the network.
  void aModelIsFetchedAndImported() {
    NEEDS_PARITY();
    const fs::path from = test::parity_path("diffusers_cifar10"), data = fresh(), list = fresh();
    std::map<std::string, std::string> inner;
    for (const auto& entry : fs::directory_iterator(from)) {
      const std::string name = entry.path().filename().string();
      if (name == "config.json" || name == "scheduler_config.json" || name == "diffusion_pytorch_model.safetensors")
        inner["model/" + name] = content(entry.path());
    }
    QVERIFY(inner.size() >= 2);
    auto server = std::make_unique<test::HttpServer>(
        std::map<std::string, std::string>{{"m.zip", zipped(inner)},
                                           {"bad.zip", zipped({{"../out.txt", "out"}})},
                                           {"cut.zip", zipped(inner).substr(0, 5000)}});
    const auto source = [&](const std::string& name, const std::string& file) {
      return nlohmann::json{{"name", name},
                            {"publisher", "we"},
                            {"page", "https://example.org"},
                            {"license", "MIT"},
                            {"model", "model/diffusion_pytorch_model.safetensors"},
                            {"files", {{{"name", file}, {"addresses", {server->address("/file/" + file)}}}}}};
    };
    std::ofstream(list) << nlohmann::json{
        {"models", {source("tiny", "m.zip"), source("bad", "bad.zip"), source("cut", "cut.zip")}}};
    qputenv("XDG_DATA_HOME", data.c_str());
    const std::vector<ModelSource> sources = read_model_sources(list);
    double last = 0;
    const auto card = fetch_model(
        sources[0], [&](double share, const std::string&) { last = std::max(last, share); }, {}, kQuick);
    QVERIFY(card.has_value());
    QCOMPARE(card->name, std::string("tiny"));
    QVERIFY(last > 0.9 && last <= 1);
    QVERIFY(!fs::exists(fetched_folder(sources[0]) / "m.zip"));
    QCOMPARE(find_prior("tiny").name, std::string("tiny"));
    for (const auto& [k, word] : {std::pair{1, "leads out"}, {2, "damaged"}}) {
      try {
        fetch_model(sources[static_cast<size_t>(k)], {}, {}, kQuick);
        QFAIL(word);
      } catch (const ModelError& e) {
        QVERIFY2(QString(e.what()).contains(word), e.what());
      }
    }
    QVERIFY(!fs::exists(data / "mgdm-studio/models/fetched/out.txt"));
    server.reset();
    remove_model("tiny");
    QVERIFY(fetch_model(sources[0], {}, {}, kQuick).has_value());
  }

  void aListWithMistakesIsNamed() {
    const auto said = [&](const nlohmann::json& model) {
      const fs::path list = fresh();
      std::ofstream(list) << nlohmann::json{{"models", {model}}};
      try {
        read_model_sources(list);
      } catch (const ModelError& e) {
        return QString::fromUtf8(e.what());
      }
      return QString();
    };
    nlohmann::json good = {{"name", "m"},
                           {"publisher", "we"},
                           {"page", "https://example.org"},
                           {"license", "MIT"},
                           {"files", {{{"name", "a"}, {"addresses", {"https://example.org/a"}}}}}};
    QCOMPARE(said(good), QString());
    const auto changed = [&](const char* pointer, nlohmann::json value) {
      nlohmann::json bad = good;
      bad[nlohmann::json::json_pointer(pointer)] = std::move(value);
      return said(bad);
    };
    QVERIFY(changed("/files/0/name", "../a").contains("'../a' is no name"));
    QVERIFY(changed("/files/0/addresses/0", "file:///etc/passwd").contains("no address of a web server"));
    QVERIFY(changed("/files/0/addresses", nlohmann::json::array()).contains("has no address"));
    QVERIFY(changed("/files", nlohmann::json::array()).contains("by hand"));
    nlohmann::json nameless = good;
    nameless.erase("license");
    QVERIFY(said(nameless).contains("license"));
  }

  // The shipped list: whole, and every model that `models published` knows stands in it.
  void theShippedListIsWhole() {
    QVERIFY(model_sources().size() >= 12);
    for (const ModelSource& source : model_sources()) {
      QVERIFY2(!source.license.empty() && source.page.rfind("https://", 0) == 0, source.name.c_str());
      for (const SourceFile& file : source.files) {
        QVERIFY2(file.addresses.front().rfind("https://", 0) == 0, file.name.c_str());
        QVERIFY2(file.sha256.empty() || file.sha256.size() == 64, file.name.c_str());
      }
    }
    for (const KnownModel& known : known_models()) QCOMPARE(find_model_source(known.name).name, known.name);
    try {
      find_model_source("nobody");
      QFAIL("found");
    } catch (const ModelError& e) {
      QVERIFY(QString(e.what()).contains("adm-imagenet"));
    }
  }
};

QTEST_GUILESS_MAIN(TstDownload)
#include "tst_download.moc"
