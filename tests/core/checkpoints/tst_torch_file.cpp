#include <ATen/ATen.h>
#include <torch/serialize.h>
#include <QtTest>

#include <fstream>

#include "core/checkpoints/torch_file.h"
#include "tests/oracle.h"
#include "tests/torch_archive.h"

using namespace mgdm;
using test::little;
using test::zip;

namespace {

using Kind = PickleValue::Kind;

Pickle pickle_of(const std::string& bytes, const PickleHooks& hooks = {}) {
  return read_pickle({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, "test", hooks);
}

QString refusal(const std::string& bytes) {
  try {
    pickle_of(bytes);
  } catch (const CheckpointError& e) {
    return QString::fromUtf8(e.what());
  }
  return {};
}

std::string text(const std::string& words) { return "X" + little(words.size(), 4) + words; }

// The pickle of {"w": a tensor} in a storage of `count` values, as Python writes it.
std::string tensor_pickle(int64_t count, int64_t offset, const std::vector<int>& size, const std::vector<int>& stride,
                          const std::string& type = "FloatStorage", bool legacy = false) {
  const auto ints = [](const std::vector<int>& values) {
    std::string bytes = "(";
    for (const int v : values) bytes += "J" + little(static_cast<uint32_t>(v), 4);
    return bytes + "t";
  };
  return std::string("\x80\x02}") + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" +
         type + "\n" + text("0") + text("cuda:0") + "J" + little(static_cast<uint32_t>(count), 4) +
         (legacy ? "N" : "") + "tQJ" + little(static_cast<uint32_t>(offset), 4) + ints(size) + ints(stride) +
         "\x89"
         "ccollections\nOrderedDict\n)RtRs.";
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

class TestTorchFile : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  std::filesystem::path write(const std::string& bytes, const char* name = "file.pt") {
    const std::filesystem::path file = folder_.filePath(name).toStdString();
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    return file;
  }
  QString file_refusal(const std::string& bytes) {
    try {
      read_weights(write(bytes));
    } catch (const CheckpointError& e) {
      return QString::fromUtf8(e.what());
    }
    return {};
  }
  static std::string bytes_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private Q_SLOTS:
  void valuesAreRead() {
    const Pickle p =
        pickle_of(std::string("\x80\x02]") + "(" + "K\x05" + "J" + little(static_cast<uint32_t>(-7), 4) + "\x8a\x03" +
                  little(0x800001, 3) + "G\x3f\xf8" + std::string(6, '\0') + text("ä") + "\x88" + "N" + "I42\n" + "e.");
    const auto& items = p.root->items;
    QCOMPARE(items.size(), size_t{8});
    QCOMPARE(items[0]->integer, 5);
    QCOMPARE(items[1]->integer, -7);
    QCOMPARE(items[2]->integer, static_cast<int64_t>(0xffffffffff800001ull));
    QCOMPARE(items[3]->real, 1.5);
    QCOMPARE(items[4]->text, std::string("ä"));
    QVERIFY(items[5]->is(Kind::Bool) && items[5]->integer == 1 && items[6]->is(Kind::None));
    QCOMPARE(items[7]->integer, 42);
  }

  // The classic attack stays data.
  void nothingIsCalled() {
    const std::string marker = folder_.filePath("called").toStdString();
    const Pickle p = pickle_of("cos\nsystem\n(S'touch " + marker + "'\ntR.");
    QVERIFY(p.root->is_object_of("os.system"));
    QCOMPARE(p.root->arguments->items[0]->text, "touch " + marker);
    QVERIFY(!QFile::exists(QString::fromStdString(marker)));
    // Nor is it with the other ways to make an object.
    QVERIFY(pickle_of("(S'x'\nios\nsystem\n.").root->is_object_of("os.system"));
    QVERIFY(pickle_of("(cos\nsystem\nS'x'\no.").root->is_object_of("os.system"));
    QVERIFY(pickle_of("\x80\x04\x8c\x02os\x8c\x06system\x93)\x81.").root->is_object_of("os.system"));
  }

  void circlesAreHeld() {
    const Pickle p = pickle_of(
        "]q\x01h\x01"
        "a.");  // a list that holds itself
    QVERIFY(p.root->items.at(0) == p.root);
    QVERIFY(all_tensors_of(*p.root).empty());
  }

  void damagedPicklesAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("words");
    const auto add = [](const char* name, const std::string& bytes, const char* words) {
      QTest::newRow(name) << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())) << QString(words);
    };
    add("empty", "", "ends too soon");
    add("no value", ".", "a value is missing");
    add("long text", "X" + little(0xffffffff, 4) + "abc", "longer than the file");
    add("very long text", "\x8d" + little(~0ull, 8), "longer than the file");
    add("memo", "h\x05.", "never stored");
    add("mark", "t.", "a mark is missing");
    add("below the mark", "K\x01(a.", "a value is missing");
    add("odd dict",
        "(K\x01"
        "d.",
        "a key without a value");
    add("append to a number",
        "K\x01K\x02"
        "a.",
        "no list");
    add("opcode", "\xff.", "unknown opcode 0xff");
    add("protocol", "\x80\x09.", "protocol 9");
    add("outside", "K\x01Q.", "something outside");
    add("call without arguments", "cos\nsystem\nK\x01R.", "no arguments");
  }
  void damagedPicklesAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, words);
    const QString said = refusal(bytes.toStdString());
    QVERIFY2(said.contains(words), qPrintable(said));
  }

  // A mebibyte of nesting: read, walked and thrown away without a deep call.
  void deepNestingIsHarmless() {
    std::string bytes(size_t{1} << 20, ']');
    for (size_t i = 1; i < size_t{1} << 20; ++i) bytes += 'a';
    const Pickle p = pickle_of(bytes + ".");
    QVERIFY(all_tensors_of(*p.root).empty());
  }

  void viewsHonourOffsetAndStride() {
    const auto read = [&](const std::string& pickle) {
      return read_weights(
                 write(zip({{"archive/data.pkl", pickle}, {"archive/data/0", floats({0, 1, 2, 3, 4, 5, 6, 7})}})))
          .at("w");
    };
    QVERIFY(at::equal(read(tensor_pickle(8, 1, {2, 3}, {3, 1})),
                      at::tensor({1.f, 2.f, 3.f, 4.f, 5.f, 6.f}).reshape({2, 3})));
    QVERIFY(at::equal(read(tensor_pickle(8, 0, {3, 2}, {1, 3})),
                      at::tensor({0.f, 3.f, 1.f, 4.f, 2.f, 5.f}).reshape({3, 2})));
    QVERIFY(at::equal(read(tensor_pickle(8, 7, {}, {})), at::scalar_tensor(7.f)));
    QCOMPARE(read(tensor_pickle(8, 0, {0, 5}, {5, 1})).numel(), 0);
    // What is written into a tensor does not reach the file.
    const std::string bytes = zip({{"a/data.pkl", tensor_pickle(2, 0, {2}, {1})}, {"a/data/0", floats({1, 2})}});
    const auto file = write(bytes);
    read_weights(file).at("w").fill_(9);
    QCOMPARE(bytes_of(file.string()), bytes);
  }

  void tensorsThatDoNotFitAreRefused() {
    const auto said = [&](const std::string& pickle, const std::string& data = floats({1, 2, 3, 4})) {
      return file_refusal(zip({{"a/data.pkl", pickle}, {"a/data/0", data}}));
    };
    QVERIFY(said(tensor_pickle(4, 0, {4}, {1})).isEmpty());
    QVERIFY(said(tensor_pickle(4, 1, {4}, {1})).contains("beyond its storage"));
    QVERIFY(said(tensor_pickle(4, 0, {2, 2}, {3, 1})).contains("beyond its storage"));
    QVERIFY(said(tensor_pickle(4, -1, {2}, {1})).contains("beyond its storage"));
    QVERIFY(said(tensor_pickle(5, 0, {4}, {1})).contains("said to be in it"));
    QVERIFY(said(tensor_pickle(4, 0, {-4}, {1})).contains("bad shape"));
    QVERIFY(said(tensor_pickle(4, 0, {4}, {1, 1})).contains("described wrongly"));
    QVERIFY(said(tensor_pickle(4, 0, {2147483647, 2147483647}, {0, 0})).contains("larger than can be"));
    QVERIFY(said(tensor_pickle(4, 0, {4}, {1}, "QInt8Storage")).contains("unknown type torch.QInt8Storage"));
    QVERIFY(file_refusal(zip({{"a/data.pkl", tensor_pickle(4, 0, {4}, {1})}})).contains("lacks the storage 0"));
    QVERIFY(file_refusal(zip({{"a/other", "x"}})).contains("no data.pkl"));
    QVERIFY(file_refusal(zip({{"a/data.pkl", "\x80\x02}."}})).contains("no weights"));
    QVERIFY(file_refusal("").contains("too short") || file_refusal("").contains("empty"));
    const std::string program = zip({{"a/constants.pkl", "x"}, {"a/data.pkl", "\x80\x02}."}});
    QVERIFY(file_refusal(program).contains("TorchScript"));
    QVERIFY_EXCEPTION_THROWN(read_torch_file(write(program)), ProgramError);
  }

  void theOlderFormatIsRead() {
    const std::string start = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    const std::string file = start + "\x80\x02M\xe9\x03." + "\x80\x02}." +
                             tensor_pickle(4, 0, {2, 2}, {2, 1}, "FloatStorage", true) + "\x80\x02]" + text("0") +
                             "a." + little(4, 8) + floats({1, 2, 3, 4});
    QVERIFY(at::equal(read_weights(write(file, "old.pth")).at("w"), at::tensor({1.f, 2.f, 3.f, 4.f}).reshape({2, 2})));
    for (size_t length = start.size() + 1; length < file.size(); ++length)
      QVERIFY(!file_refusal(file.substr(0, length)).isEmpty());
  }

  void theWriterIsReadBack() {
    const std::map<std::string, at::Tensor> tensors{
        {"a", at::randn({3, 4})}, {"b", at::arange(5)}, {"c", at::randn({2}).to(at::kHalf)}};
    const auto file = std::filesystem::path(folder_.filePath("out.pt").toStdString());
    write_torch_file(file, tensors);
    const auto back = read_weights(file);
    QCOMPARE(back.size(), tensors.size());
    const std::string bytes = bytes_of(file.string());
    const auto by_libtorch = torch::pickle_load(std::vector<char>(bytes.begin(), bytes.end())).toGenericDict();
    for (const auto& [name, tensor] : tensors) {
      QVERIFY(at::equal(back.at(name), tensor));
      QVERIFY(at::equal(by_libtorch.at(name).toTensor(), tensor));
    }
  }

  void everyFlippedByteAndEveryTruncationGivesASentence() {
    const std::string good = zip({{"archive/data.pkl", tensor_pickle(6, 0, {2, 3}, {3, 1})},
                                  {"archive/data/0", floats({1, 2, 3, 4, 5, 6})},
                                  {"archive/version", "3\n"}});
    QVERIFY(file_refusal(good).isEmpty());
    int refused = 0;
    for (size_t i = 0; i < good.size(); ++i) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ flip);
        refused += file_refusal(bad).isEmpty() ? 0 : 1;  // or something that is still a file
      }
    }
    QVERIFY(refused > static_cast<int>(good.size()));
    for (size_t length = 0; length < good.size(); ++length)
      QVERIFY2(!file_refusal(good.substr(0, length)).isEmpty(), qPrintable(QString::number(length)));
  }

  // ---- files that the original code wrote ----

  void publishedFilesAreRead_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("ADM, a storage for each tensor") << "adm_ffhq/ffhq_10m.pt";
    QTest::newRow("ADM, views of two storages") << "adm_imagenet/256x256_diffusion_uncond.pt";
    QTest::newRow("diffusers .bin") << "diffusers_celebahq/diffusion_pytorch_model.bin";
    QTest::newRow("diffusers .safetensors") << "diffusers_cifar10/diffusion_pytorch_model.safetensors";
    QTest::newRow("LDM") << "ldm_ffhq/model.ckpt";
    QTest::newRow("VQ") << "vq_f4/model.ckpt";
    QTest::newRow("KL") << "kl_f8/model.ckpt";
    QTest::newRow("MSDM") << "msdm/epoch=729-valid_loss=0.014.ckpt";
    QTest::newRow("MSDM, a whole object") << "msdm/glorious.pt";
  }
  void publishedFilesAreRead() {
    NEEDS_PARITY();
    QFETCH(QString, file);
    const auto tensors = read_weights(test::parity_path(file.toStdString()));
    QVERIFY(tensors.size() > 50);
    for (const auto& [name, tensor] : tensors)
      QVERIFY2(tensor.numel() == 0 || tensor.to(at::kDouble).isfinite().all().item<bool>(), name.c_str());
  }

  // The head and the tail of each file, where pickle and directory are, byte by byte (every 13th here), and the file
  // cut off.
  void publishedFilesDamagedGiveASentence_data() { publishedFilesAreRead_data(); }
  void publishedFilesDamagedGiveASentence() {
    NEEDS_PARITY();
    QFETCH(QString, file);
    const QString copy = folder_.filePath("damaged");
    QFile::remove(copy);
    QVERIFY(QFile::copy(QString::fromStdString(test::parity_path(file.toStdString())), copy));
    QFile bytes(copy);
    bytes.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    QVERIFY(bytes.open(QIODevice::ReadWrite | QIODevice::Unbuffered));
    const qint64 size = bytes.size();
    int refused = 0, tried = 0;
    const auto refuses = [&] {
      try {
        read_weights(copy.toStdString());
      } catch (const CheckpointError& e) {
        return QString::fromUtf8(e.what()).contains("damaged");  // the file's name
      }
      return false;
    };
    for (const auto& [begin, end] : {std::pair<qint64, qint64>{0, 8192}, {std::max<qint64>(8192, size - 8192), size}}) {
      for (qint64 at = begin; at < end; at += 13, ++tried) {
        char was = 0;
        bytes.seek(at);
        bytes.read(&was, 1);
        const char now = static_cast<char>(was ^ (1 << (at % 8)));
        bytes.seek(at);
        bytes.write(&now, 1);
        refused += refuses() ? 1 : 0;  // or the change was in a name or a value
        bytes.seek(at);
        bytes.write(&was, 1);
      }
    }
    qInfo("%d of %d changed bytes were refused", refused, tried);
    QVERIFY(refused > 0);
    QVERIFY(!refuses());
    for (qint64 length = size - 1; length > 0; length = length * 2 / 3) {
      bytes.resize(length);
      QVERIFY2(refuses(), qPrintable(QString::number(length)));
    }
  }

  void twoFilesOfOneModelAgree() {
    NEEDS_PARITY();
    const auto object = read_weights(test::parity_path("msdm/glorious.pt")),
               lightning = read_weights(test::parity_path("msdm/epoch=729-valid_loss=0.014.ckpt"));
    QCOMPARE(object.size(), lightning.size());
    for (const auto& [name, tensor] : object) QVERIFY2(at::equal(tensor, lightning.at(name)), name.c_str());
    const auto ldm = read_weights(test::parity_path("ldm_ffhq/model.ckpt")),
               vq = read_weights(test::parity_path("vq_f4/model.ckpt"));
    int compared = 0;
    for (const auto& [name, tensor] : vq) {
      if (const auto found = ldm.find("first_stage_model." + name); found != ldm.end()) {
        QVERIFY2(at::equal(found->second, tensor), name.c_str());
        ++compared;
      }
    }
    QVERIFY(compared > 50);
  }

  void theSameAsLibTorchReads() {
    NEEDS_PARITY();
    const std::string file = test::parity_path("adm_ffhq/expected.pt");
    const auto ours = read_weights(file);
    size_t count = 0;
    const std::string bytes = bytes_of(file);
    for (const auto& entry : torch::pickle_load(std::vector<char>(bytes.begin(), bytes.end())).toGenericDict()) {
      QVERIFY(at::equal(entry.value().toTensor(), ours.at(entry.key().toStringRef())));
      ++count;
    }
    QCOMPARE(count, ours.size());
  }
};

QTEST_GUILESS_MAIN(TestTorchFile)
#include "tst_torch_file.moc"
