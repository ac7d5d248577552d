#include "core/checkpoints/torch_file.h"

#include <ATen/ATen.h>

#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>

#include "core/checkpoints/foreign_file.h"
#include "core/checkpoints/mapped_file.h"
#include "core/checkpoints/shards.h"
#include "core/files/atomic_file.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using Kind = PickleValue::Kind;

constexpr size_t kMostPickle = size_t{512} << 20;
constexpr int kMostDepth = 64;

[[noreturn]] void fail(const std::string& name, const std::string& what) { throw CheckpointError(name + ": " + what); }

uint64_t little(Bytes bytes, size_t at, int width) {
  uint64_t value = 0;
  for (int i = 0; i < width; ++i) value |= uint64_t{bytes[at + static_cast<size_t>(i)]} << (8 * i);
  return value;
}

/// Where each entry of a zip archive lies; torch.save stores them as they are.
std::map<std::string, Bytes> zip_entries(Bytes file, const std::string& name) {
  constexpr size_t kEnd = 22, kCentral = 46, kLocal = 30;
  if (file.size() < kEnd) fail(name, "is too short for a zip archive");
  size_t end = file.size() - kEnd;
  const size_t lowest = file.size() > kEnd + 65535 ? file.size() - kEnd - 65535 : 0;
  while (little(file, end, 4) != 0x06054b50) {
    if (end == lowest) fail(name, "is cut off: the end of its zip archive is missing (half a download?)");
    --end;
  }
  uint64_t count = little(file, end + 10, 2), size = little(file, end + 12, 4), begin = little(file, end + 16, 4);
  if (end >= 20 && little(file, end - 20, 4) == 0x07064b50) {  // zip64
    const uint64_t at = little(file, end - 12, 8);
    if (at > file.size() || file.size() - at < 56 || little(file, at, 4) != 0x06064b50)
      fail(name, "has a damaged zip directory");
    count = little(file, at + 32, 8);
    size = little(file, at + 40, 8);
    begin = little(file, at + 48, 8);
  }
  if (begin > file.size() || size > file.size() - begin || count > size / kCentral)
    fail(name, "has a damaged zip directory");
  std::map<std::string, Bytes> entries;
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  size_t at = begin;
  for (uint64_t i = 0; i < count; ++i) {
    if (file.size() - at < kCentral || little(file, at, 4) != 0x02014b50) fail(name, "has a damaged zip directory");
    const uint64_t flags = little(file, at + 8, 2), method = little(file, at + 10, 2);
    uint64_t packed = little(file, at + 20, 4), plain = little(file, at + 24, 4), local = little(file, at + 42, 4);
    const uint64_t name_size = little(file, at + 28, 2), extra = little(file, at + 30, 2),
                   comment = little(file, at + 32, 2);
    if (file.size() - at - kCentral < name_size + extra + comment) fail(name, "has a damaged zip directory");
    std::string entry(reinterpret_cast<const char*>(file.data()) + at + kCentral, name_size);
    for (size_t x = at + kCentral + name_size, stop = x + extra; x + 4 <= stop;) {  // zip64 sizes
      const uint64_t id = little(file, x, 2), length = little(file, x + 2, 2);
      if (length > stop - x - 4) fail(name, "has a damaged zip directory");
      if (id == 1) {
        size_t field = x + 4;
        const size_t field_end = field + length;
        for (uint64_t* value : {&plain, &packed, &local}) {
          if (*value != 0xffffffff) continue;
          if (field_end - field < 8) fail(name, "has a damaged zip directory");
          *value = little(file, field, 8);
          field += 8;
        }
      }
      x += 4 + length;
    }
    at += kCentral + name_size + extra + comment;
    if (!entry.empty() && entry.back() == '/') continue;
    if ((flags & 1) != 0) fail(name, "'" + entry + "' is encrypted");
    if (method != 0 && entry.find("/code/") != std::string::npos)
      continue;  // TorchScript's program, which is refused further on
    if (method != 0 || packed != plain)
      fail(name, "'" + entry + "' is compressed, which torch.save never does; unpack the archive and zip it with -0");
    if (local > file.size() || file.size() - local < kLocal || little(file, local, 4) != 0x04034b50)
      fail(name, "'" + entry + "' is not where the zip directory says");
    const uint64_t data = local + kLocal + little(file, local + 26, 2) + little(file, local + 28, 2);
    if (data > file.size() || plain > file.size() - data)
      fail(name, "'" + entry + "' reaches beyond the end of the file (truncated?)");
    ranges.emplace_back(data, data + plain);
    if (!entries.emplace(std::move(entry), file.slice(data, plain)).second) fail(name, "has two entries of one name");
  }
  std::sort(ranges.begin(), ranges.end());
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second) fail(name, "has zip entries that overlap");
  }
  return entries;
}

struct Storage {
  at::ScalarType type = at::kFloat;
  bool untyped = false;
  std::string key;
  int64_t count = 0;  ///< of elements; of bytes if untyped
};

std::optional<at::ScalarType> type_of_storage(const std::string& global) {
  static const std::map<std::string, at::ScalarType> types{{"torch.FloatStorage", at::kFloat},
                                                           {"torch.DoubleStorage", at::kDouble},
                                                           {"torch.HalfStorage", at::kHalf},
                                                           {"torch.BFloat16Storage", at::kBFloat16},
                                                           {"torch.LongStorage", at::kLong},
                                                           {"torch.IntStorage", at::kInt},
                                                           {"torch.ShortStorage", at::kShort},
                                                           {"torch.CharStorage", at::kChar},
                                                           {"torch.ByteStorage", at::kByte},
                                                           {"torch.BoolStorage", at::kBool},
                                                           {"torch.ComplexFloatStorage", at::kComplexFloat},
                                                           {"torch.ComplexDoubleStorage", at::kComplexDouble}};
  std::string name = global;
  if (name.rfind("torch.cuda.", 0) == 0) name.erase(6, 5);
  const auto found = types.find(name);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

std::optional<at::ScalarType> type_of_name(const std::string& global) {
  static const std::map<std::string, at::ScalarType> types{{"torch.float32", at::kFloat},
                                                           {"torch.float64", at::kDouble},
                                                           {"torch.float16", at::kHalf},
                                                           {"torch.bfloat16", at::kBFloat16},
                                                           {"torch.int64", at::kLong},
                                                           {"torch.int32", at::kInt},
                                                           {"torch.int16", at::kShort},
                                                           {"torch.int8", at::kChar},
                                                           {"torch.uint8", at::kByte},
                                                           {"torch.bool", at::kBool},
                                                           {"torch.complex64", at::kComplexFloat},
                                                           {"torch.complex128", at::kComplexDouble}};
  const auto found = types.find(global);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

/// Where a storage's bytes lie; `what` for messages.
using Locate = std::function<Bytes(const Storage& storage)>;

/// Makes tensors of what the pickle says of them. Storages stand in the pickle as Objects whose callee's text is
/// kStorage.
class TensorMaker {
 public:
  TensorMaker(std::shared_ptr<const MappedFile> mapping, std::string name, Locate locate)
      : mapping_(std::move(mapping)), name_(std::move(name)), locate_(std::move(locate)) {}

  const PickleValue* persistent(Pickle& pickle, const PickleValue& id) {
    const auto& items = id.items;
    if (!id.is(Kind::Tuple) || items.size() < 5 || !items[0]->is(Kind::Text) || items[0]->text != "storage" ||
        !items[1]->is(Kind::Global) || !items[2]->is(Kind::Text) || !items[4]->is(Kind::Int))
      return nullptr;
    Storage storage;
    storage.untyped = items[1]->text == "torch.storage.UntypedStorage" || items[1]->text == "torch.UntypedStorage" ||
                      items[1]->text == "torch.storage._UntypedStorage";
    if (storage.untyped) {
      storage.type = at::kByte;
    } else if (const auto type = type_of_storage(items[1]->text)) {
      storage.type = *type;
    } else {
      fail(name_, "holds a storage of the unknown type " + items[1]->text);
    }
    storage.key = items[2]->text;
    storage.count = items[4]->integer;
    if (storage.count < 0) fail(name_, "holds a storage of negative size");
    int64_t offset = 0;
    if (items.size() > 5 && items[5]->is(Kind::Tuple) && items[5]->items.size() == 3 &&
        items[5]->items[1]->is(Kind::Int)) {
      fail(name_,
           "holds views of storages as very old versions of PyTorch wrote them; load it there and save it again");
    }
    PickleValue* value = pickle.make(Kind::Object);
    storages_.push_back(storage);
    value->integer = static_cast<int64_t>(storages_.size()) + offset;  // 1 and on: a storage
    return value;
  }

  const PickleValue* call(Pickle& pickle, const PickleValue& callee, const PickleValue& arguments) {
    const auto& a = arguments.items;
    const std::string& f = callee.text;
    if (f == "torch._utils._rebuild_tensor_v2" || f == "torch._utils._rebuild_tensor") {
      if (a.size() < 4) fail(name_, "a tensor is described wrongly");
      return tensor(pickle, *a[0], *a[1], *a[2], *a[3], std::nullopt);
    }
    if (f == "torch._utils._rebuild_tensor_v3") {
      if (a.size() < 7 || !a[6]->is(Kind::Global)) fail(name_, "a tensor is described wrongly");
      const auto type = type_of_name(a[6]->text);
      if (!type) fail(name_, "holds a tensor of the unknown type " + a[6]->text);
      return tensor(pickle, *a[0], *a[1], *a[2], *a[3], type);
    }
    if ((f == "torch._utils._rebuild_parameter" || f == "torch._utils._rebuild_parameter_with_state") && !a.empty() &&
        a[0]->is(Kind::Tensor))
      return a[0];
    // A tensor of a class derived from Tensor: (function, class, its arguments, state). Not one within the other.
    if (f == "torch._tensor._rebuild_from_type_v2" && a.size() >= 3 && a[0]->is(Kind::Global) && a[0]->text != f &&
        a[2]->is(Kind::Tuple))
      return call(pickle, *a[0], *a[2]);
    return nullptr;
  }

 private:
  const PickleValue* tensor(Pickle& pickle, const PickleValue& of, const PickleValue& offset, const PickleValue& size,
                            const PickleValue& stride, std::optional<at::ScalarType> given) {
    if (of.integer < 1 || !of.is(Kind::Object) || of.callee != nullptr ||
        of.integer > static_cast<int64_t>(storages_.size()))
      fail(name_, "a tensor has no storage");
    const Storage& storage = storages_[static_cast<size_t>(of.integer) - 1];
    const at::ScalarType type = given.value_or(storage.type);
    const auto width = static_cast<int64_t>(c10::elementSize(type));
    const Bytes bytes = locate_(storage);
    const int64_t count = std::min<int64_t>(static_cast<int64_t>(bytes.size()) / width,
                                            storage.untyped ? storage.count / width : storage.count);
    if (!storage.untyped && count < storage.count)
      fail(name_, "storage " + storage.key + " has " + std::to_string(bytes.size()) + " bytes, but " +
                      std::to_string(storage.count) + " values are said to be in it");
    std::vector<int64_t> shape, strides;
    if (!offset.is(Kind::Int) || !size.is(Kind::Tuple) || !stride.is(Kind::Tuple) ||
        size.items.size() != stride.items.size() || size.items.size() > 16)
      fail(name_, "a tensor is described wrongly");
    for (size_t i = 0; i < size.items.size(); ++i) {
      if (!size.items[i]->is(Kind::Int) || !stride.items[i]->is(Kind::Int) || size.items[i]->integer < 0 ||
          stride.items[i]->integer < 0)
        fail(name_, "a tensor has a bad shape");
      shape.push_back(size.items[i]->integer);
      strides.push_back(stride.items[i]->integer);
    }
    const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    __int128 last = offset.integer, elements = 1;
    for (size_t i = 0; i < shape.size() && !empty; ++i) {
      last += static_cast<__int128>(shape[i] - 1) * strides[i];
      elements *= shape[i];
      // A view may repeat its storage (stride 0), but not so that copying it would fill the memory.
      if (elements > static_cast<__int128>(1) << 40) fail(name_, "a tensor is larger than can be");
    }
    if (offset.integer < 0 || (!empty && last >= count))
      fail(name_, "a tensor reaches beyond its storage " + storage.key);
    if (!empty && elements > count && elements > (int64_t{1} << 24))
      fail(name_, "a tensor repeats its storage " + storage.key + " too often");
    PickleValue* value = pickle.make(Kind::Tensor);
    const auto options = at::TensorOptions().dtype(type);
    if (empty) {
      value->tensor = at::empty(shape, options);
      return value;
    }
    auto* data = const_cast<unsigned char*>(bytes.data()) + offset.integer * width;
    if (reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(width) == 0) {
      value->tensor = at::from_blob(
          data, shape, strides, [keep = mapping_](void*) {}, options);
    } else {  // a storage that does not lie on a multiple of its width
      const int64_t extent = static_cast<int64_t>(last) - offset.integer + 1;
      at::Tensor copy = at::empty({extent}, options);
      std::memcpy(copy.data_ptr(), data, static_cast<size_t>(extent * width));
      value->tensor = copy.as_strided(shape, strides);
    }
    return value;
  }

  std::shared_ptr<const MappedFile> mapping_;
  std::string name_;
  Locate locate_;
  std::deque<Storage> storages_;
};

PickleHooks hooks_of(TensorMaker& maker) {
  return {[&](Pickle& pickle, const PickleValue& id) { return maker.persistent(pickle, id); },
          [&](Pickle& pickle, const PickleValue& callee, const PickleValue& arguments) {
            return maker.call(pickle, callee, arguments);
          }};
}

TorchFile read_zip(const std::shared_ptr<const MappedFile>& mapping, const std::string& name) {
  const auto entries = zip_entries(mapping->bytes(), name);
  std::string root;
  const Bytes* pickle_bytes = nullptr;
  for (const auto& [entry, bytes] : entries) {
    constexpr std::string_view kSuffix = "data.pkl";
    if (entry == kSuffix || (entry.size() > kSuffix.size() &&
                             entry.compare(entry.size() - kSuffix.size() - 1, std::string::npos, "/data.pkl") == 0)) {
      if (pickle_bytes != nullptr && entry.size() > root.size() + kSuffix.size()) continue;
      pickle_bytes = &bytes;
      root = entry.substr(0, entry.size() - kSuffix.size());
    }
  }
  if (pickle_bytes == nullptr) fail(name, "is a zip archive, but not one that torch.save wrote (no data.pkl)");
  if (pickle_bytes->size() > kMostPickle)
    fail(name, "has a pickle of " + std::to_string(pickle_bytes->size() >> 20) + " MB, more than any checkpoint");
  if (const auto order = entries.find(root + "byteorder");
      order != entries.end() && std::string(order->second.begin(), order->second.end()) != "little")
    fail(name, "was written on a big-endian machine");
  if (entries.count(root + "constants.pkl") != 0)
    throw ProgramError(name + ": is a TorchScript module, which is a program; only weights can be read from a file");
  TensorMaker maker(mapping, name, [&](const Storage& storage) {
    const auto found = entries.find(root + "data/" + storage.key);
    if (found == entries.end()) fail(name, "lacks the storage " + storage.key);
    return found->second;
  });
  return {std::make_shared<const Pickle>(read_pickle(*pickle_bytes, name, hooks_of(maker)))};
}

// Five pickles (magic number, version, system, the object, keys of the storages in the order of their data), then for
// each storage its number of elements and the values. Where the data lies is known only after the object was read: read
// it twice.
TorchFile read_legacy(const std::shared_ptr<const MappedFile>& mapping, const std::string& name) {
  const Bytes file = mapping->bytes();
  size_t at = 0;
  const auto next = [&](const PickleHooks& hooks) {
    Pickle pickle = read_pickle(file.slice(at, std::min(file.size() - at, kMostPickle)), name, hooks);
    at += pickle.size;
    return pickle;
  };
  for (int i = 0; i < 3; ++i) next({});  // magic, version, system
  const size_t object = at;
  std::map<std::string, Storage> storages;
  next({[&](Pickle& pickle, const PickleValue& id) -> const PickleValue* {
          const auto& items = id.items;
          if (id.is(Kind::Tuple) && items.size() >= 5 && items[1]->is(Kind::Global) && items[2]->is(Kind::Text) &&
              items[4]->is(Kind::Int)) {
            const auto type = type_of_storage(items[1]->text);
            if (!type) fail(name, "holds a storage of the unknown type " + items[1]->text);
            storages[items[2]->text] = {*type, false, items[2]->text, items[4]->integer};
          }
          return pickle.make(Kind::None);
        },
        {}});
  const Pickle keys = next({});
  std::map<std::string, Bytes> data;
  for (const PickleValue* key : keys.root->items) {
    const auto found = storages.find(key->text);
    if (found == storages.end()) fail(name, "its list of storages names one that is not there");
    if (file.size() - at < 8) fail(name, "ends within its storages (truncated?)");
    const uint64_t count = little(file, at, 8);
    at += 8;
    const uint64_t width = c10::elementSize(found->second.type);
    if (count > (file.size() - at) / width) fail(name, "ends within its storages (truncated?)");
    data[key->text] = file.slice(at, count * width);
    at += count * width;
  }
  TensorMaker maker(mapping, name, [&](const Storage& storage) {
    const auto found = data.find(storage.key);
    if (found == data.end()) fail(name, "lacks the storage " + storage.key);
    return found->second;
  });
  at = object;
  return {std::make_shared<const Pickle>(next(hooks_of(maker)))};
}

// The magic number 0x1950a86a20f9469cfc6c as a pickle of protocol 2.
constexpr std::array<unsigned char, 15> kLegacy{0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                                0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

bool begins_with(Bytes file, Bytes start) {
  return file.size() >= start.size() && std::equal(start.begin(), start.end(), file.begin());
}
bool is_zip(Bytes file) { return begins_with(file, std::array<unsigned char, 4>{'P', 'K', 3, 4}); }

void add_module(const PickleValue& module, const std::string& prefix, std::map<std::string, at::Tensor>& into,
                int depth) {
  if (depth > kMostDepth || module.state == nullptr) return;
  const PickleValue& fields = *module.state;
  for (const char* group : {"_parameters", "_buffers"}) {
    if (const PickleValue* found = fields.find(group)) {
      for (const auto& [key, value] : found->entries) {
        if (key->is(Kind::Text) && value->is(Kind::Tensor)) into[prefix + key->text] = value->tensor;
      }
    }
  }
  if (const PickleValue* modules = fields.find("_modules")) {
    for (const auto& [key, value] : modules->entries) {
      if (key->is(Kind::Text)) add_module(*value, prefix + key->text + '.', into, depth + 1);
    }
  }
}

bool is_module(const PickleValue& value) {
  return value.is(Kind::Object) && value.state != nullptr && value.state->find("_modules") != nullptr &&
         value.state->find("_parameters") != nullptr;
}

std::map<std::string, at::Tensor> tensors_in(const PickleValue& dict) {
  std::map<std::string, at::Tensor> found;
  for (const auto& [key, value] : dict.entries) {
    if (key->is(Kind::Text) && value->is(Kind::Tensor)) found[key->text] = value->tensor;
  }
  return found;
}

void walk(const PickleValue& value, const std::string& path, std::set<const PickleValue*>& seen,
          std::map<std::string, at::Tensor>& into, int depth) {
  if (value.is(Kind::Tensor)) {
    into.emplace(path, value.tensor);
    return;
  }
  if (depth > kMostDepth || !seen.insert(&value).second) return;
  const std::string dot = path.empty() ? "" : path + '.';
  for (size_t i = 0; i < value.items.size(); ++i) walk(*value.items[i], dot + std::to_string(i), seen, into, depth + 1);
  for (const auto& [key, entry] : value.entries)
    walk(*entry,
         dot + (key->is(Kind::Text)  ? key->text
                : key->is(Kind::Int) ? std::to_string(key->integer)
                                     : "?"),
         seen, into, depth + 1);
  if (value.arguments != nullptr) walk(*value.arguments, path, seen, into, depth + 1);
  if (value.state != nullptr) walk(*value.state, path, seen, into, depth + 1);
}

}  // namespace

namespace {

std::map<std::string, at::Tensor> read_shards(const fs::path& index) {
  const auto files = shard_map(index);
  std::map<fs::path, std::map<std::string, at::Tensor>> shards;
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, file] : files) {
    auto shard = shards.find(file);
    if (shard == shards.end()) shard = shards.emplace(file, read_weights(file)).first;
    const auto tensor = shard->second.find(name);
    if (tensor == shard->second.end())
      fail(file.string(), "has no '" + name + "', which " + index.filename().string() + " says is there");
    tensors.insert(*tensor);
  }
  return tensors;
}

}  // namespace

bool is_torch_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<unsigned char, kLegacy.size()> start{};
  in.read(reinterpret_cast<char*>(start.data()), start.size());
  const Bytes read(start.data(), static_cast<size_t>(in.gcount()));
  return is_zip(read) || begins_with(read, kLegacy);
}

TorchFile read_torch_file(const fs::path& file) {
  if (const std::string why = unfinished_download(file); !why.empty()) fail(file.string(), why);
  const auto mapping = std::make_shared<const MappedFile>(file);
  if (is_zip(mapping->bytes())) return read_zip(mapping, file.string());
  if (begins_with(mapping->bytes(), kLegacy)) return read_legacy(mapping, file.string());
  fail(file.string(), mapping->bytes().empty() ? "is empty" : "was not written by torch.save");
}

std::map<std::string, at::Tensor> state_dict_of(const PickleValue& root, const std::string& name) {
  std::map<std::string, at::Tensor> tensors;
  const auto take = [&](const PickleValue& value) {
    if (is_module(value)) {
      add_module(value, "", tensors, 0);
    } else if (value.is(Kind::Dict)) {
      tensors = tensors_in(value);
    }
    return !tensors.empty();
  };
  if (const PickleValue* state = root.find("state_dict"); state != nullptr && take(*state)) return tensors;
  if (take(root)) return tensors;
  for (const char* key : {"model", "model_state_dict", "net", "params", "params_ema", "generator", "module"}) {
    if (const PickleValue* found = root.find(key); found != nullptr && take(*found)) return tensors;
  }
  fail(name, "holds no weights under a name that is known (state_dict, model, ...)");
}

std::map<std::string, at::Tensor> all_tensors_of(const PickleValue& root) {
  std::map<std::string, at::Tensor> found;
  std::set<const PickleValue*> seen;
  walk(root, "", seen, found, 0);
  return found;
}

std::map<std::string, at::Tensor> read_weights(const fs::path& file) {
  if (const std::string why = unfinished_download(file); !why.empty()) fail(file.string(), why);
  if (is_shard_index(file)) return read_shards(file);
  if (is_torch_file(file)) return state_dict_of(read_torch_file(file).root(), file.string());
  const MappedFile mapping(file);
  // A file of another name whose first eight bytes cannot be the length of a header is no safetensors file either.
  if (file.extension() != ".safetensors" &&
      (mapping.bytes().size() < 8 || little(mapping.bytes(), 0, 8) > mapping.bytes().size())) {
    const auto begin = mapping.bytes().slice(0, std::min<uint64_t>(64, mapping.bytes().size()));
    const std::string kind = foreign_kind({reinterpret_cast<const char*>(begin.data()), begin.size()});
    fail(file.string(), mapping.bytes().empty() ? "is empty"
                        : !kind.empty()         ? "is " + kind
                                                : "is no checkpoint: neither torch.save nor safetensors wrote it");
  }
  return read_safetensors(file).tensors;
}

void write_torch_file(const fs::path& file, const std::map<std::string, at::Tensor>& tensors) {
  static const std::map<at::ScalarType, std::string> storages{
      {at::kFloat, "FloatStorage"},       {at::kDouble, "DoubleStorage"}, {at::kHalf, "HalfStorage"},
      {at::kBFloat16, "BFloat16Storage"}, {at::kLong, "LongStorage"},     {at::kInt, "IntStorage"},
      {at::kShort, "ShortStorage"},       {at::kChar, "CharStorage"},     {at::kByte, "ByteStorage"},
      {at::kBool, "BoolStorage"}};
  // Protocol 2, the plain dict that Python itself writes; LibTorch's own pickler adds type tags that a careful
  // torch.load refuses.
  const auto bytes_of = [](uint64_t value, int width) {
    std::string bytes;
    for (int i = 0; i < width; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
    return bytes;
  };
  const auto text = [&](const std::string& words) {
    std::string bytes(1, 'X');
    return bytes.append(bytes_of(words.size(), 4)).append(words);
  };
  const auto number = [&](int64_t n) {
    std::string bytes = "\x8a\x08";
    return bytes.append(bytes_of(static_cast<uint64_t>(n), 8));
  };
  const auto tuple = [&](at::IntArrayRef values) {
    std::string bytes(1, '(');
    for (const int64_t v : values) bytes.append(number(v));
    bytes.push_back('t');
    return bytes;
  };
  std::string pickle = "\x80\x02}(";
  std::vector<at::Tensor> kept;
  for (const auto& [name, given] : tensors) {
    const at::Tensor tensor = given.detach().cpu().contiguous();
    const auto type = storages.find(tensor.scalar_type());
    if (type == storages.end()) fail(file.string(), "tensor '" + name + "' has a type that cannot be written");
    pickle += text(name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" + type->second +
              "\n" + text(std::to_string(kept.size())) + text("cpu") + number(tensor.numel()) + "tQ" + number(0) +
              tuple(tensor.sizes()) + tuple(tensor.strides()) +
              "\x89"
              "ccollections\nOrderedDict\n)RtR";
    kept.push_back(tensor);
  }
  pickle += "u.";
  AtomicFile making(file);
  try {
    caffe2::serialize::PyTorchStreamWriter writer(making.temporary().string());
    writer.writeRecord("data.pkl", pickle.data(), pickle.size());
    for (size_t i = 0; i < kept.size(); ++i)
      writer.writeRecord("data/" + std::to_string(i), kept[i].data_ptr(), kept[i].nbytes());
    writer.writeEndOfFile();
  } catch (const std::exception&) {
    fail(file.string(), "cannot be written (is the disk full, or the folder read-only?)");
  }
  std::error_code error;
  if (!making.commit(error)) fail(file.string(), "cannot be written: " + error.message());
}

}  // namespace mgdm
