#include <ATen/ATen.h>
#include <QtTest>
#include <fstream>

#include "core/checkpoints/safetensors.h"

using namespace mgdm;

class TestSafetensors : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

  // A file from a header and raw bytes.
  std::filesystem::path write(const char* name, const std::string& header, size_t data, uint64_t claimed = 0) const {
    std::ofstream out(path(name), std::ios::binary);
    const uint64_t length = claimed != 0 ? claimed : header.size();
    for (int i = 0; i < 8; ++i) out.put(static_cast<char>(length >> (8 * i)));
    out << header << std::string(data, '\0');
    return path(name);
  }
  QString errorOf(const std::filesystem::path& file) const {
    try {
      read_safetensors(file);
    } catch (const CheckpointError& e) {
      return QString::fromUtf8(e.what());
    }
    return {};
  }

 private Q_SLOTS:
  void everyTypeSurvives() {
    Checkpoint c;
    for (const auto type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                            at::kChar, at::kByte, at::kBool}) {
      c.tensors[toString(type)] = at::arange(6).reshape({2, 3}).to(type);
    }
    c.tensors["scalar"] = at::scalar_tensor(2.5, at::kFloat);
    c.tensors["empty"] = at::empty({0, 4}, at::kFloat);
    c.metadata["who"] = "test";
    write_safetensors(path("all.safetensors"), c);
    const Checkpoint back = read_safetensors(path("all.safetensors"));
    QCOMPARE(back.tensors.size(), c.tensors.size());
    for (const auto& [name, tensor] : c.tensors)
      QVERIFY2(at::equal(tensor, back.tensors.at(name)) && tensor.scalar_type() == back.tensors.at(name).scalar_type(),
               name.c_str());
    QCOMPARE(back.metadata.at("who"), std::string("test"));
    QCOMPARE(read_safetensors_metadata(path("all.safetensors")).at("who"), std::string("test"));
  }

  // Types that ATen 1.13 lacks become wider ones; a tensor that does not lie where its type may is copied.
  void otherTypesAreWidened() {
    const auto read = [&](const char* type, int64_t count, std::string data, int pad = 0) {
      const std::string header = "{\"a\":{\"dtype\":\"" + std::string(type) + "\",\"shape\":[" + std::to_string(count) +
                                 "],\"data_offsets\":[0," + std::to_string(data.size()) + "]}}" +
                                 std::string(static_cast<size_t>(pad), ' ');
      const auto file = write("typed", header, 0);
      std::ofstream(file, std::ios::binary | std::ios::app) << data;
      return read_safetensors(file).tensors.at("a");
    };
    QVERIFY(at::equal(read("U16", 2, std::string("\x01\x00\xff\xff", 4)), at::tensor({1, 65535}, at::kInt)));
    QVERIFY(
        at::equal(read("U32", 1, std::string("\xff\xff\xff\xff", 4)), at::tensor({int64_t{4294967295}}, at::kLong)));
    QVERIFY(at::equal(read("U64", 1, std::string("\x07\0\0\0\0\0\0\0", 8)), at::tensor({int64_t{7}}, at::kLong)));
    // 1, -2, the smallest, the largest
    QVERIFY(at::equal(read("F8_E4M3", 4, "\x38\xc0\x01\x7e"), at::tensor({1.f, -2.f, 0.001953125f, 448.f})));
    QVERIFY(at::equal(read("F8_E5M2", 3, "\x3c\xc0\x7b"), at::tensor({1.f, -2.f, 57344.f})));
    for (int pad = 0; pad < 8; ++pad)
      QVERIFY(at::equal(read("F32", 1, std::string("\0\0\x80\x3f", 4), pad), at::tensor({1.f})));
  }

  void brokenFilesAreNamed() {
    const std::string good = R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";
    QVERIFY(errorOf(write("good", good, 16)).isEmpty());
    QVERIFY(errorOf(path("missing")).contains("cannot be opened"));
    std::ofstream(path("short")) << "abc";
    QVERIFY(errorOf(path("short")).contains("too short"));
    QVERIFY(errorOf(write("huge_header", good, 16, uint64_t{1} << 62)).contains("header"));
    QVERIFY(errorOf(write("truncated", good, 10)).contains("truncated"));
    QVERIFY(errorOf(write("no_json", "hello", 16)).contains("JSON"));
    QVERIFY(errorOf(write("type", R"({"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}})", 4)).contains("Q7"));
    QVERIFY(
        errorOf(write("negative", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4)).contains("shape"));
    QVERIFY(
        errorOf(write("overflow", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}})", 4))
            .contains("larger"));
    QVERIFY(errorOf(write("backwards", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4))
                .contains("does not fit"));
    QVERIFY(
        errorOf(
            write(
                "overlap",
                R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                8))
            .contains("overlap"));
    QVERIFY(errorOf(write("no_offsets", R"({"a":{"dtype":"F32","shape":[1]}})", 4)).contains("described wrongly"));
  }

  void aFailedWriteKeepsTheOldFile() {
    Checkpoint c;
    c.tensors["a"] = at::ones({2});
    const auto file = path("kept.safetensors");
    write_safetensors(file, c);
    c.tensors["bad"] = at::ones({2}, at::kComplexFloat);
    QVERIFY_EXCEPTION_THROWN(write_safetensors(file, c), CheckpointError);
    QCOMPARE(read_safetensors(file).tensors.size(), size_t{1});
    QVERIFY_EXCEPTION_THROWN(write_safetensors("/nonexistent-folder/x.safetensors", Checkpoint{}), CheckpointError);
  }
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
