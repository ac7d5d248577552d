#include "core/checkpoints/safetensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/checkpoints/foreign_file.h"
#include "core/checkpoints/mapped_file.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace {

using nlohmann::json;

constexpr uint64_t kMaxHeader = 100u << 20;

/// A type of the format: how wide it is there, and what it becomes. Types that ATen 1.13 lacks become the next wider
/// one.
struct TypeName {
  const char* name;
  uint64_t width;
  at::ScalarType type;
};
constexpr std::array kTypes{
    TypeName{"F64", 8, at::kDouble},    TypeName{"F32", 4, at::kFloat},     TypeName{"F16", 2, at::kHalf},
    TypeName{"BF16", 2, at::kBFloat16}, TypeName{"I64", 8, at::kLong},      TypeName{"I32", 4, at::kInt},
    TypeName{"I16", 2, at::kShort},     TypeName{"I8", 1, at::kChar},       TypeName{"U8", 1, at::kByte},
    TypeName{"BOOL", 1, at::kBool},     TypeName{"U16", 2, at::kInt},       TypeName{"U32", 4, at::kLong},
    TypeName{"U64", 8, at::kLong},      TypeName{"F8_E4M3", 1, at::kFloat}, TypeName{"F8_E5M2", 1, at::kFloat}};

/// 8-bit floats (Micikevicius et al. 2022): E5M2 is the upper half of a float16; E4M3 has no infinity and one NaN.
float from_e4m3(uint8_t bits) {
  const int exponent = (bits >> 3) & 15, mantissa = bits & 7;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<float>::quiet_NaN();
  const float size = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -9)
                                   : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
  return (bits & 0x80) != 0 ? -size : size;
}

/// Values of a type that ATen lacks, as `to`. A U64 beyond the signed range stands for itself less 2^64.
at::Tensor widened(const unsigned char* bytes, const TypeName& type, const std::vector<int64_t>& shape) {
  at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(type.type));
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    uint64_t value = 0;
    for (uint64_t k = 0; k < type.width; ++k)
      value |= uint64_t{bytes[static_cast<uint64_t>(i) * type.width + k]} << (8 * k);
    if (type.type == at::kInt)
      tensor.data_ptr<int32_t>()[i] = static_cast<int32_t>(value);
    else if (type.type == at::kLong)
      tensor.data_ptr<int64_t>()[i] = static_cast<int64_t>(value);
    else if (std::strcmp(type.name, "F8_E4M3") == 0)
      tensor.data_ptr<float>()[i] = from_e4m3(static_cast<uint8_t>(value));
    else
      tensor.data_ptr<float>()[i] = c10::detail::fp16_ieee_to_fp32_value(static_cast<uint16_t>(value << 8));
  }
  return tensor;
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw CheckpointError(file.string() + ": " + what);
}

struct Header {
  json entries;
  uint64_t data_start = 0, data_size = 0;
};

// Half a download has a whole header, which tells how long the rest must be.
void check_length(const Header& header, const std::filesystem::path& file) {
  uint64_t needed = 0;
  for (const auto& [name, entry] : header.entries.items()) {
    if (!entry.is_object() || !entry.contains("data_offsets")) continue;
    const json& offsets = entry["data_offsets"];
    if (offsets.is_array() && offsets.size() == 2 && offsets[1].is_number_unsigned())
      needed = std::max(needed, offsets[1].get<uint64_t>());
  }
  if (needed <= header.data_size) return;
  fail(file, "is cut off: its header tells of " + std::to_string(needed) + " bytes of weights, and " +
                 std::to_string(header.data_size) + " are there (half a download?)");
}

Header read_header(Bytes bytes, const std::filesystem::path& file) {
  if (const std::string why = unfinished_download(file); !why.empty()) fail(file, why);
  if (bytes.size() < 8) fail(file, "is too short to be a safetensors file");
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = (length << 8) | bytes[static_cast<size_t>(i)];
  if (length > kMaxHeader || length + 8 > bytes.size()) {
    const auto begin = bytes.slice(0, std::min<uint64_t>(64, bytes.size()));
    const std::string kind = foreign_kind({reinterpret_cast<const char*>(begin.data()), begin.size()});
    if (!kind.empty()) fail(file, "is " + kind);
    fail(file, "says its header has " + std::to_string(length) + " bytes, but the file has " +
                   std::to_string(bytes.size()) + " (truncated, or not a safetensors file)");
  }
  const auto text = bytes.slice(8, length);
  Header header{parse_json({reinterpret_cast<const char*>(text.data()), text.size()}), length + 8,
                bytes.size() - length - 8};
  if (!header.entries.is_object()) fail(file, "its header is not a JSON object");
  return header;
}

std::map<std::string, std::string> metadata_of(const Header& header, const std::filesystem::path& file) {
  std::map<std::string, std::string> result;
  const auto found = header.entries.find("__metadata__");
  if (found == header.entries.end()) return result;
  if (!found->is_object()) fail(file, "its metadata is not a JSON object");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) fail(file, "its metadata '" + name + "' is not text");
    result[name] = value.get<std::string>();
  }
  return result;
}

}  // namespace

std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& file) {
  const MappedFile mapping(file);
  return metadata_of(read_header(mapping.bytes(), file), file);
}

Checkpoint read_safetensors(const std::filesystem::path& file) {
  const auto mapping = std::make_shared<const MappedFile>(file);
  const Header header = read_header(mapping->bytes(), file);
  Checkpoint result;
  result.metadata = metadata_of(header, file);
  check_length(header, file);
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const auto& [name, entry] : header.entries.items()) {
    if (name == "__metadata__") continue;
    try {
      const auto dtype = entry.at("dtype").get<std::string>();
      const auto* type = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return dtype == t.name; });
      if (type == kTypes.end()) fail(file, "tensor '" + name + "' has unknown type " + dtype);
      uint64_t bytes = type->width;
      std::vector<int64_t> shape;
      for (const auto& n : entry.at("shape")) {
        if (!n.is_number_unsigned()) fail(file, "tensor '" + name + "' has a bad shape");
        const auto dim = n.get<uint64_t>();
        if (dim > INT64_MAX || (dim != 0 && bytes > header.data_size / dim)) {
          fail(file, "tensor '" + name + "' is larger than the file");
        }
        bytes *= dim;
        shape.push_back(static_cast<int64_t>(dim));
      }
      const auto& offsets = entry.at("data_offsets");
      if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
          !offsets[1].is_number_unsigned()) {
        fail(file, "tensor '" + name + "' has bad offsets");
      }
      const auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
      if (begin > end || end > header.data_size || end - begin != bytes) {
        fail(file, "tensor '" + name + "' does not fit the file (offsets " + std::to_string(begin) + " to " +
                       std::to_string(end) + ", " + std::to_string(bytes) + " bytes expected, " +
                       std::to_string(header.data_size) + " in the file: truncated or damaged)");
      }
      ranges.emplace_back(begin, end);
      const unsigned char* data = mapping->bytes().data() + header.data_start + begin;
      at::Tensor tensor;
      if (type->width != c10::elementSize(type->type)) {
        tensor = widened(data, *type, shape);
      } else if (bytes == 0 || reinterpret_cast<uintptr_t>(data) % type->width != 0) {  // not where its type may lie
        tensor = at::empty(shape, at::TensorOptions().dtype(type->type));
        if (bytes != 0) std::memcpy(tensor.data_ptr(), data, bytes);
      } else {
        tensor = at::from_blob(
            const_cast<unsigned char*>(data), shape, [mapping](void*) {}, at::TensorOptions().dtype(type->type));
      }
      result.tensors.emplace(name, std::move(tensor));
    } catch (const json::exception&) {
      fail(file, "tensor '" + name + "' is described wrongly");
    }
  }
  std::sort(ranges.begin(), ranges.end());
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second) fail(file, "two tensors overlap");
  }
  return result;
}

void write_safetensors(const std::filesystem::path& file, const Checkpoint& checkpoint) {
  json header = json::object();
  if (!checkpoint.metadata.empty()) header["__metadata__"] = checkpoint.metadata;
  std::vector<at::Tensor> data;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const auto* type =
        std::find_if(kTypes.begin(), kTypes.end(), [&, wanted = tensor.scalar_type()](const TypeName& t) {
          return t.type == wanted && t.width == c10::elementSize(t.type);
        });
    if (type == kTypes.end()) fail(file, "tensor '" + name + "' has a type that cannot be written");
    data.push_back(tensor.detach().cpu().contiguous());
    const uint64_t bytes = data.back().nbytes();
    header[name] = {{"dtype", type->name}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = json_text(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::array<char, 8> prefix{};
  for (int i = 0; i < 8; ++i) prefix[i] = static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff);

  AtomicFile making(file);
  std::ofstream out(making.temporary(), std::ios::binary | std::ios::trunc);
  out.write(prefix.data(), 8);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const at::Tensor& t : data) {
    out.write(static_cast<const char*>(t.data_ptr()), static_cast<std::streamsize>(t.nbytes()));
  }
  out.close();
  if (!out) fail(file, "cannot be written (is the disk full, or the folder read-only?)");
  std::error_code error;
  if (!making.commit(error)) fail(file, "cannot be written: " + error.message());
}

}  // namespace mgdm
