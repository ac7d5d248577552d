#include "core/checkpoints/safetensors.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace mgdm {

namespace {

using nlohmann::json;

constexpr uint64_t kMaxHeader = 100u << 20;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr std::array kTypes{
    TypeName{"F64", at::kDouble}, TypeName{"F32", at::kFloat},  TypeName{"F16", at::kHalf},
    TypeName{"BF16", at::kBFloat16}, TypeName{"I64", at::kLong}, TypeName{"I32", at::kInt},
    TypeName{"I16", at::kShort},  TypeName{"I8", at::kChar},    TypeName{"U8", at::kByte},
    TypeName{"BOOL", at::kBool}};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw CheckpointError(file.string() + ": " + what);
}

struct Header {
  json entries;
  uint64_t data_start = 0, data_size = 0;
};

Header read_header(std::ifstream& in, const std::filesystem::path& file) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file, error);
  if (error || !in) fail(file, "cannot be opened");
  std::array<unsigned char, 8> prefix{};
  if (!in.read(reinterpret_cast<char*>(prefix.data()), 8)) fail(file, "is too short to be a safetensors file");
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = (length << 8) | prefix[i];
  if (length > kMaxHeader || length + 8 > size) {
    fail(file, "says its header has " + std::to_string(length) + " bytes, but the file has " +
                   std::to_string(size) + " (truncated, or not a safetensors file)");
  }
  std::string text(length, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(length))) fail(file, "cannot be read");
  Header header{json::parse(text, nullptr, false), length + 8, size - length - 8};
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
  std::ifstream in(file, std::ios::binary);
  return metadata_of(read_header(in, file), file);
}

Checkpoint read_safetensors(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const Header header = read_header(in, file);
  Checkpoint result;
  result.metadata = metadata_of(header, file);
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const auto& [name, entry] : header.entries.items()) {
    if (name == "__metadata__") continue;
    try {
      const auto dtype = entry.at("dtype").get<std::string>();
      const auto* type = std::find_if(kTypes.begin(), kTypes.end(),
                                      [&](const TypeName& t) { return dtype == t.name; });
      if (type == kTypes.end()) fail(file, "tensor '" + name + "' has unknown type " + dtype);
      uint64_t bytes = c10::elementSize(type->type);
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
        fail(file, "tensor '" + name + "' does not fit the file (offsets " + std::to_string(begin) +
                       " to " + std::to_string(end) + ", " + std::to_string(bytes) +
                       " bytes expected, " + std::to_string(header.data_size) +
                       " in the file: truncated or damaged)");
      }
      ranges.emplace_back(begin, end);
      at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(type->type));
      in.seekg(static_cast<std::streamoff>(header.data_start + begin));
      if (bytes != 0 && !in.read(static_cast<char*>(tensor.data_ptr()), static_cast<std::streamsize>(bytes))) {
        fail(file, "tensor '" + name + "' cannot be read");
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
    const auto* type = std::find_if(kTypes.begin(), kTypes.end(),
                                    [&](const TypeName& t) { return t.type == tensor.scalar_type(); });
    if (type == kTypes.end()) fail(file, "tensor '" + name + "' has a type that cannot be written");
    data.push_back(tensor.detach().cpu().contiguous());
    const uint64_t bytes = data.back().nbytes();
    header[name] = {{"dtype", type->name}, {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::array<char, 8> prefix{};
  for (int i = 0; i < 8; ++i) prefix[i] = static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff);

  const std::filesystem::path temporary = file.string() + ".part";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(prefix.data(), 8);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const at::Tensor& t : data) {
      out.write(static_cast<const char*>(t.data_ptr()), static_cast<std::streamsize>(t.nbytes()));
    }
    out.close();
    if (!out) {
      std::error_code ignored;
      std::filesystem::remove(temporary, ignored);
      fail(file, "cannot be written (is the disk full, or the folder read-only?)");
    }
  }
  // A rename survives a crash only if the data reached the disk first.
  if (const int fd = ::open(temporary.c_str(), O_RDONLY); fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
  std::error_code error;
  std::filesystem::rename(temporary, file, error);
  if (error) fail(file, "cannot be written: " + error.message());
}

}  // namespace mgdm
